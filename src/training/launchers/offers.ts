/** What a launch may name of a launcher, held against what the launcher says it has. */
import type { Needs } from './choice.js';
import type { Launcher, LauncherCapabilities } from './launcher.js';

/** So many names are told of where one was asked for that is not there. */
const MOST_NAMES = 50;

/**
 * Why the launcher can never take such a launch, naming the member that is wrong, its value and what there is instead;
 * null when nothing is known to be missing. What a launcher cannot tell is left to its engine.
 */
export function whyNever(
  { name }: Pick<Launcher, 'name'>,
  { queues, images, needsImage }: LauncherCapabilities,
  { nodes, image, queue }: Needs,
): string | null {
  if (nodes !== 1)
    return `\`resources.nodes\` is ${nodes}; the launcher "${name}" runs the program of a job on one machine. Ask for 1.`;
  if (queue !== null && queues?.includes(queue) === false)
    return queues.length === 0
      ? `\`queue\` is "${queue}", but the launcher "${name}" has no queues. Leave it out, or choose another launcher.`
      : `\`queue\` is "${queue}", but the launcher "${name}" has no such queue. It has: ${listed(queues)}. Name one of them, or none.`;
  if (image === null)
    return needsImage === true
      ? `\`image\` is missing, and the launcher "${name}" has none for jobs that name none. Name one.`
      : null;
  if (images?.includes(image) !== false) return null;
  return images.length === 0
    ? `\`image\` is "${image}", but the launcher "${name}" runs programs of its machines, no images. Leave it out, or choose another launcher.`
    : `\`image\` is "${image}", but the launcher "${name}" has no such image. It has: ${listed(images)}. Name one of them, or none.`;
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${more} more` : names.join(', ');
}
