import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { errorText } from '../../programs/error-text.js';
import { buildShippedImages, type ImagesToBuild } from '../../images/build-shipped-images.js';
import { imageServices } from '../../images/shipped-images.js';
import { projectRoot } from '../../project-root.js';
import { exitCodes } from '../exit-codes.js';
import { exitingOnInterrupts } from '../interrupts.js';

const usage =
  'npm run build:images -- [--service NAME]... [--platform linux/amd64|linux/arm64] [--folder FOLDER (.data/images)] [--stand-ins]';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let wanted: ImagesToBuild;
  try {
    wanted = readFlags(args);
  } catch (error) {
    console.error(`${errorText(error)}\n${usage}`);
    return exitCodes.usageError;
  }
  try {
    const images = await exitingOnInterrupts(() => buildShippedImages(wanted));
    for (const { image, digest, archive } of images) console.log(`${image}@${digest}\n  ${archive}`);
    return 0;
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.failed;
  }
}

function readFlags(args: readonly string[]): ImagesToBuild {
  const { values } = parseArgs({
    args: [...args],
    options: {
      service: { type: 'string', multiple: true, default: [] },
      platform: { type: 'string' },
      folder: { type: 'string', default: join(projectRoot, '.data', 'images') },
      'stand-ins': { type: 'boolean', default: false },
    },
  });
  const unknown = values.service.filter((name) => imageServices.every((service) => service !== name));
  if (unknown.length > 0)
    throw new Error(`There is no image of ${unknown.join(', ')}. Choose from: ${imageServices.join(', ')}.`);
  if (values.platform !== undefined && !/^linux\/(amd64|arm64)$/.test(values.platform))
    throw new Error(`There is no image for ${values.platform}.`);
  const services = imageServices.filter(
    (name) => values.service.length === 0 || values.service.includes(name),
  );
  const { platform, folder } = values;
  return { root: projectRoot, services, platform, folder, standIns: values['stand-ins'] };
}
