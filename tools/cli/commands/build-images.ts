import { join } from 'node:path';
import { buildShippedImages, type ImagesToBuild } from '../../images/build-shipped-images.js';
import { imageServices } from '../../images/shipped-images.js';
import { projectRoot } from '../../project-root.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { readArguments, UsageError } from '../read-arguments.js';
import { runCommand } from '../run-command.js';

process.exitCode = await runCommand('build:images', async () => {
  const requested = readRequest(process.argv.slice(2));
  const images = await exitingOnInterrupts(() => buildShippedImages(requested));
  for (const { image, digest, archive } of images) console.log(`${image}@${digest}\n  ${archive}`);
});

/** @throws UsageError for an unknown service or platform */
function readRequest(args: readonly string[]): ImagesToBuild {
  const { values } = readArguments('build:images', args);
  const { service: names = [], platform, folder = join(projectRoot, '.data', 'images') } = values;
  const unknown = names.filter((name) => imageServices.every((service) => service !== name));
  if (unknown.length > 0)
    throw new UsageError(
      `There is no service ${unknown.join(', ')}. Choose from: ${imageServices.join(', ')}.`,
    );
  if (platform !== undefined && !/^linux\/(amd64|arm64)$/.test(platform))
    throw new UsageError(`Images cannot be built for ${platform}, only for linux/amd64 and linux/arm64.`);
  const services = imageServices.filter((name) => names.length === 0 || names.includes(name));
  return { root: projectRoot, services, platform, folder, standIns: values['stand-ins'] === true };
}
