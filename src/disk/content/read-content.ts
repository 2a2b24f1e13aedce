import { errnoName } from '../disk-fault.js';
import { type Content, type Question, unreadable } from './content.js';
import { OF_CHOICE } from './digest.js';
import { contentOfFile, lookAt } from './file-content.js';
import { contentOfFolder } from './folder-content.js';

/**
 * What lies at the path, its size and digest. A file is read once, a folder file by file; neither is taken into memory. Throws the
 * system's error for what the machine does to any file, and the reason of the signal when that ends it, also while
 * the disk does not answer.
 */
export async function readContent(question: Question): Promise<Content> {
  const { signal } = question;
  signal?.throwIfAborted();
  const reading = look(question);
  if (!signal) return await reading;
  // A file system that is gone may never answer: who is told to end does not wait for it.
  let give: () => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    give = () => reject(signal.reason as Error);
    signal.addEventListener('abort', give, { once: true });
  });
  try {
    return await Promise.race([reading, ended]);
  } finally {
    signal.removeEventListener('abort', give);
    reading.catch(() => undefined);
  }
}

async function look(question: Question): Promise<Content> {
  try {
    const stat = await lookAt(question.path);
    if (!stat.isDirectory()) return await contentOfFile(question, stat);
    if (question.algorithm === null || question.algorithm === OF_CHOICE) return await contentOfFolder(question);
    return { found: 'UNREADABLE', why: `is a folder, and of folders only ${OF_CHOICE} is made` };
  } catch (error) {
    const content = unreadable(errnoName(error));
    if (content === null) throw error;
    return content;
  }
}
