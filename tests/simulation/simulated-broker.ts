import { DaprError, type Delivery, type DeliveryOutcome } from '@unity-purchase/service-kit';
import { noFaults, type Faults } from './faults.js';
import type { Ledger } from './ledger.js';
import type { Recorder } from './recorder.js';
import type { World } from './world.js';

type Topic = 'purchases' | 'dead letters';
type Message = {
  name: string;
  topic: Topic;
  text: string;
  tries: number;
  triesWhenHealthy: number;
  isDone: boolean;
  handlers: Set<object>;
};

/** After this many failed deliveries, the sidecar moves an event to the dead letters. */
const triesMax = 6;

const pauseMs = 2_000;

/** The broker and the sidecars that deliver its events: at least once, in any order, to any replica. */
export class SimulatedBroker {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #messages: Message[] = [];
  /** When a dead letter was last being handled. */
  deadLettersHandledMs = -Infinity;
  #recorders: readonly Recorder[] = [];
  #eventIds = 0;
  faults: Faults = noFaults;

  constructor({ world, ledger }: { world: World; ledger: Ledger }) {
    this.#world = world;
    this.#ledger = ledger;
  }

  deliverTo(recorders: readonly Recorder[]): void {
    this.#recorders = recorders;
  }

  newEventId(): string {
    this.#eventIds += 1;
    return `event-${this.#eventIds}`;
  }

  /** Everything that was ever published. */
  get purchaseTexts(): string[] {
    return this.#messages.filter(({ topic }) => topic === 'purchases').map(({ text }) => text);
  }

  /** How many handlers are at work. */
  get inFlight(): number {
    return this.#messages.reduce((sum, { handlers }) => sum + handlers.size, 0);
  }

  /** Publishes an event. Resolves once it is acknowledged. It rejects if that is not known or did not happen. */
  publish(text: string, isWaiting: () => boolean = () => true): Promise<void> {
    return new Promise((resolve, reject) => {
      const { choices } = this.#world;
      const isRefused = choices.chance(this.faults.refusedPublications);
      const isLost = !isRefused && choices.chance(this.faults.lostAcknowledgements);
      this.#world.later(() => {
        if (!isRefused) this.add('purchases', text);
        if (!isWaiting()) return;
        if (isRefused || isLost)
          reject(new DaprError('no-answer', 'the broker did not acknowledge the event'));
        else resolve();
      });
    });
  }

  add(topic: Topic, text: string): void {
    const message = {
      name: `${topic === 'purchases' ? 'event' : 'dead letter'} #${this.#messages.length + 1}`,
      topic,
      text,
      tries: 0,
      triesWhenHealthy: 0,
      isDone: false,
      handlers: new Set<object>(),
    };
    this.#messages.push(message);
    this.#world.tell(
      () => `the broker has ${message.name}: ${text.length > 400 ? `${text.slice(0, 400)}…` : text}`,
    );
    this.#schedule(message, 0);
  }

  #schedule(message: Message, delayMs: number): void {
    this.#world.later(
      () => {
        if (!message.isDone) this.#deliver(message);
      },
      { dueMs: this.#world.nowMs + delayMs },
    );
    if (this.#world.choices.chance(this.faults.redeliveries))
      this.#world.later(() => {
        this.#deliver(message);
      });
  }

  #deliver(message: Message): void {
    const recorder = this.#world.choices.oneOf(this.#recorders);
    const { process } = recorder;
    this.#world.tell(() => `${recorder.name} takes ${message.name}`);
    message.handlers.add(process);
    const isHealthy = this.faults === noFaults;
    const startMs = this.#world.nowMs;
    const take = message.topic === 'purchases' ? process.takePurchase : process.takeDeadLetter;
    void take(deliveryOf(message)).then((outcome) => {
      if (!process.isRunning) return;
      message.handlers.delete(process);
      if (message.topic === 'dead letters') this.deadLettersHandledMs = this.#world.nowMs;
      if (message.topic === 'dead letters' && outcome === 'SUCCESS')
        this.#ledger.takenDeadLetters.push({ text: message.text, startMs });
      this.#world.tell(() => `${recorder.name} answers ${outcome} for ${message.name}`);
      this.#settle(message, outcome, isHealthy);
    });
  }

  /** A process that ends while it handles an event never answers: the event is delivered again. */
  processEnded(process: object): void {
    for (const message of this.#messages)
      if (message.handlers.delete(process) && !message.isDone) this.#schedule(message, 0);
  }

  /** A try counts as healthy if nothing could go wrong from its beginning. */
  #settle(message: Message, outcome: DeliveryOutcome, isHealthy: boolean): void {
    if (message.isDone) return;
    if (outcome === 'SUCCESS') {
      message.isDone = true;
      return;
    }
    message.tries += 1;
    if (isHealthy) message.triesWhenHealthy += 1;
    if (message.topic === 'dead letters' && message.triesWhenHealthy > triesMax) {
      message.isDone = true;
      this.#world.violated('dead letters are kept when the store is healthy', message.text.slice(0, 300));
      return;
    }
    if (outcome === 'RETRY' && (message.topic === 'dead letters' || message.tries < triesMax)) {
      this.#schedule(message, pauseMs * message.tries);
      return;
    }
    message.isDone = true;
    this.add('dead letters', message.text);
  }
}

/** What the sidecar hands over: a parsed event, or the bytes of a dead letter. */
function deliveryOf({ topic, text }: Message): Delivery {
  if (topic === 'dead letters') return { event: { data_base64: Buffer.from(text).toString('base64') } };
  try {
    return { event: JSON.parse(text) as unknown };
  } catch {
    return { unreadable: 'the event is not JSON' };
  }
}
