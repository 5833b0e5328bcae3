import closeWithGrace from 'close-with-grace';
import { ConfigurationError, exitCodeConfiguration } from '../config/read-configuration.js';
import { toError } from '../errors/to-error.js';
import { createLogger, type Logger, type LogSettings } from '../logs/logger.js';
import { Lifecycle } from './lifecycle.js';

/** How a service logs and stops. */
export type LifeSettings = { log: LogSettings; shutdownDelayMs: number; shutdownDeadlineMs: number };

/**
 * Runs a service from its configuration to its last log line:
 * - if the configuration is not valid, it prints every problem and the process exits with code 78;
 * - `start` opens everything and registers how to close it; the service is ready when `start` resolves;
 * - SIGTERM and SIGINT stop the service in order, within the deadline; a second signal ends the process at once;
 * - an uncaught error is logged and stops the service in the same order, with exit code 1.
 */
export async function runService<Configuration extends { life: LifeSettings }>(
  name: string,
  configure: () => Configuration,
  start: (configuration: Configuration, lifecycle: Lifecycle, logger: Logger) => Promise<void>,
): Promise<void> {
  let configuration: Configuration;
  try {
    configuration = configure();
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown;
    process.stderr.write(`${name} cannot start. ${thrown.message}\n`);
    process.exitCode = exitCodeConfiguration;
    return;
  }
  const { log, shutdownDelayMs, shutdownDeadlineMs } = configuration.life;
  const logger = createLogger(name, log);
  const lifecycle = new Lifecycle(logger);
  const life = closeWithGrace({ delay: shutdownDeadlineMs, logger: false }, async ({ err, signal }) => {
    if (err === undefined) logger.info({ signal }, 'asked to stop');
    else logger.fatal({ err }, 'stopping after an uncaught error');
    // A process that failed to start gets no requests, and one that crashed must not be waited for.
    await lifecycle.stop(err === undefined && lifecycle.isReady ? shutdownDelayMs : 0);
  });
  try {
    await start(configuration, lifecycle, logger);
    lifecycle.ready();
    logger.info('ready');
  } catch (thrown) {
    logger.fatal({ err: toError(thrown) }, 'could not start');
    process.exitCode = 1;
    await lifecycle.stop(0);
    life.uninstall();
  }
}
