/**
 * Loaded by Node into a server under test, before its own modules: tells whoever started it, over the channel between them,
 * how long its one thread has computed in one go, and what its heap holds. It is JavaScript because Node reads it as it is.
 */
import { openSync, readSync } from 'node:fs';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Of the thread that runs the loop: the nanoseconds it has computed, which do not grow while others have the processor.
 * Where the system does not tell them it is time as it goes by.
 */
const computed = (() => {
  // Kept open: a test may take from the server the right to open files.
  const text = Buffer.alloc(100);
  const read = (file) => Number(text.toString('latin1', 0, readSync(file, text, 0, text.length, 0)).split(' ', 1)[0]);
  try {
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`);
    read(file);
    return () => read(file);
  } catch {
    return () => Number(process.hrtime.bigint());
  }
})();

let longest = 0;
let last = computed();
// Timers have their turn in every round of the loop: what was computed between two of them, everybody waited for.
setInterval(() => {
  const now = computed();
  longest = Math.max(longest, now - last);
  last = now;
}, 1).unref();

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const answers = {
  /** Milliseconds since it was asked last. */
  longestTurn: () => {
    const told = longest / 1e6;
    longest = 0;
    return told;
  },
  /** Bytes that are reachable. What is let go of by being collected takes a second time. */
  heap: () => {
    collect();
    collect();
    return process.memoryUsage().heapUsed;
  },
};

process.on('message', ({ id, ask }) => {
  const value = answers[ask]();
  // What was collected for an answer is no work of the server.
  if (ask === 'heap') last = computed();
  process.send?.({ id, value });
});
process.channel?.unref();
