import { seededRandom } from '../chaos/random.js';

/**
 * The choices of one schedule: everything that happens by chance asks here. A schedule repeats exactly from its seed or from
 * the list of the choices it made. Choice 0 is always the harmless one, so a shorter list with smaller numbers is a simpler
 * schedule.
 */
export class Choices {
  readonly made: number[] = [];
  readonly #next: (count: number, isLikely: (drawn: number) => boolean) => number;

  private constructor(next: (count: number, isLikely: (drawn: number) => boolean) => number) {
    this.#next = next;
  }

  static fromSeed(seed: number): Choices {
    const random = seededRandom(seed);
    return new Choices((count, isLikely) => {
      const drawn = random();
      return count === 2 ? Number(isLikely(drawn)) : Math.floor(drawn * count);
    });
  }

  /** Repeats a list of choices. After its end, every choice is 0. */
  static repeating(list: readonly number[]): Choices {
    let index = 0;
    return new Choices((count) => Math.min(list[index++] ?? 0, count - 1));
  }

  /** Whether something with this probability happens. What is impossible takes no choice, so a simpler schedule cannot contain it. */
  chance(probability: number): boolean {
    return probability > 0 && this.#make(2, (drawn) => drawn < probability) === 1;
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return count <= 1 ? 0 : this.#make(count, (drawn) => drawn >= 0.5);
  }

  /** One of the things; the first is the simplest. */
  oneOf<Thing>(things: readonly Thing[]): Thing {
    return things[this.below(things.length)] as Thing;
  }

  #make(count: number, isLikely: (drawn: number) => boolean): number {
    const choice = this.#next(count, isLikely);
    this.made.push(choice);
    return choice;
  }
}
