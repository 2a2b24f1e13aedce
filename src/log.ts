import { type Logger, pino } from 'pino';
import { causeOf } from './disk/disk-fault.js';

/** So much of the log waits in memory while it cannot be written, in bytes; what comes after is lost, and counted. */
const MOST_WAITING = 1_048_576;

/**
 * The log of the server: lines of JSON on its standard output, or on another file that is open. A disk that takes no line, or
 * a reader that has gone, stops nothing: the first lines wait, the next are counted, and the first line after says how many
 * were lost and why.
 */
export function openLog(level: string, file = 1): Logger {
  const destination = pino.destination({ dest: file, sync: true, maxLength: MOST_WAITING });
  const logger = pino({ level }, destination);
  let lost = 0;
  let why = '';
  destination.on('error', (error: unknown) => {
    why = causeOf(error);
  });
  destination.on('drop', () => {
    lost += 1;
    // What waits is only written with a line that finds room beside it: an empty one.
    destination.write('');
  });
  destination.on('drain', () => {
    if (lost === 0) return;
    const lines = lost;
    lost = 0;
    logger.warn({ lines, why }, 'Lines of this log were lost, since it could not be written.');
  });
  return logger;
}
