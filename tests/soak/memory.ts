import { appIds } from '@unity-purchase/contracts';
import type { RunningSystem } from '@unity-purchase/tools';
import { readMetric } from '../system/prometheus.js';

const services = [appIds.storefront, appIds.purchaseService];

/** What a service held at one moment. */
export type Sample = { service: string; rssBytes: number; openFiles: number };

/** Reads what each service holds now. */
export function sampleServices(system: RunningSystem): Promise<Sample[]> {
  return Promise.all(
    services.map(async (service) => {
      const url = `${system.url(service)}/metrics`;
      return {
        service,
        rssBytes: await readMetric(url, 'process_resident_memory_bytes'),
        openFiles: await readMetric(url, 'process_open_fds'),
      };
    }),
  );
}

/** How much a service's memory grew. */
export type Growth = { service: string; earlyBytes: number; lateBytes: number; ratio: number };

/** More is a leak: garbage collection alone moves the median of a quarter by a few percent. */
const growthMax = 1.1;

/** Compares the last quarter of the samples with the second one. The first quarter fills caches. */
export function growthIn(samples: readonly Sample[]): Growth[] {
  return services.map((service) => {
    const sizes = samples.filter((sample) => sample.service === service).map(({ rssBytes }) => rssBytes);
    const quarter = Math.floor(sizes.length / 4);
    if (quarter === 0) throw new RangeError(`${service} has ${sizes.length} samples; 4 are needed`);
    const earlyBytes = median(sizes.slice(quarter, 2 * quarter));
    const lateBytes = median(sizes.slice(-quarter));
    return { service, earlyBytes, lateBytes, ratio: lateBytes / earlyBytes };
  });
}

/** Whether the memory grew more than garbage collection explains. */
export function isLeak({ ratio }: Growth): boolean {
  return ratio > growthMax;
}

/** A sample as text. */
export function sampleText({ service, rssBytes, openFiles }: Sample): string {
  return `${service} ${megabytes(rssBytes)}, ${openFiles} open files`;
}

/** A line about the growth of a service. */
export function growthText({ service, earlyBytes, lateBytes, ratio }: Growth): string {
  return `  ${service.padEnd(32)} ${megabytes(earlyBytes)} in the second quarter, ${megabytes(lateBytes)} in the last: × ${ratio.toFixed(2)}`;
}

const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}
