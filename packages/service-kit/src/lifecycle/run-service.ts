import closeWithGrace from 'close-with-grace';
import { ConfigurationError, exitCodeConfiguration } from '../config/read-configuration.js';
import { toError } from '../errors/to-error.js';
import { createLogger, type Logger, type LogSettings } from '../logs/logger.js';
import { Lifecycle } from './lifecycle.js';

/** What a service needs to know about its own life. */
export type LifeSettings = { log: LogSettings; shutdownDelayMs: number; shutdownDeadlineMs: number };

/**
 * Runs a service from its configuration to its last log line:
 * - a wrong configuration is said, in full, and the process exits with 78;
 * - `start` opens everything and registers its closing; it is ready when that is done;
 * - SIGTERM and SIGINT stop it in order, within the deadline; a second signal ends it at once;
 * - what nobody caught is logged and stops it in the same order, with exit code 1.
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
    else logger.fatal({ err }, 'stopping after an error that nobody caught');
    // Nobody sends requests to a process that failed to start, and nobody waits for one that crashed.
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
