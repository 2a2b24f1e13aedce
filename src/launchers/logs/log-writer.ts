/**
 * The log of one attempt, one file: "<ISO time> <stream> <text>\n". Whatever a program prints, it is read as fast as it
 * comes, memory stays flat and the file bounded: past the limit only the end of what it said is kept.
 * A line that is overwritten again and again, as a progress bar is, is written as it stands once a second, and as it ended.
 * Writes are synchronous on purpose: they keep the lines of both streams in order and need no queue.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { LogLine } from '../port/launcher.js';
import { LineSplitter } from './line-splitter.js';
import { TailBuffer } from './tail-buffer.js';

export const LONGEST_LINE_BYTES = 16 * 1024;
const LOG_TAIL_BYTES = 64 * 1024;
/** What stands before the text of a line: 24 of time, 8 of stream and spaces, the line end. */
export const LINE_OVERHEAD_BYTES = 33;
const STDERR_MEMORY_BYTES = 8 * 1024;
const SHOWN_LINE_CHARACTERS = 500;
/** So often the state of a line that is overwritten is written: who watches sees it within two seconds. */
const STATE_EVERY_MS = 1_000;
const NEWLINE = Buffer.from('\n');
/** Not through a link, and not into a pipe, that somebody put there before. */
const APPEND =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

type ProgramStream = Exclude<LogLine['stream'], 'SYSTEM'>;

export class LogWriter {
  private readonly file: number;
  private stored = 0;
  private splitters = newSplitters();
  /** Set once the limit is reached: from then on the program's words go here. */
  private tail: TailBuffer<ProgramStream> | null = null;
  private stderrEnd = Buffer.alloc(0);
  private failed = false;
  /** The states that were written of lines that have not ended. */
  private readonly states = new Map<ProgramStream, Buffer>();
  private nextStates: NodeJS.Timeout | null = null;

  constructor(
    path: string,
    private readonly limitBytes: number,
  ) {
    this.file = openSync(path, APPEND, 0o600);
  }

  /** What the program printed. */
  write(stream: ProgramStream, chunk: Buffer): void {
    if (stream === 'STDERR') this.stderrEnd = Buffer.concat([this.stderrEnd, chunk]).subarray(-STDERR_MEMORY_BYTES);
    if (this.tail === null) {
      this.store(stream, this.newLines(stream, this.splitters[stream].push(chunk)));
      this.showStatesSoon(stream);
    } else this.tail.push(stream, chunk);
  }

  /** What Weftline itself has to say about the job; never dropped. */
  note(text: string): void {
    this.append('SYSTEM', new Date(), [Buffer.from(text.replaceAll('\n', ' ')).subarray(0, LONGEST_LINE_BYTES)]);
  }

  /** The last lines the program wrote to stderr, oldest first, each shortened to what a message can show. */
  lastStderrLines(count: number): string[] {
    const lines = this.stderrEnd.toString('utf8').split('\n');
    return lines
      .map((line) => line.split('\r').findLast((state) => state !== '') ?? '')
      .filter((line) => line.trim() !== '')
      .slice(-count)
      .map((line) => line.slice(0, SHOWN_LINE_CHARACTERS).toWellFormed());
  }

  /** Ends the program's part of the log: half a line it left, then how much was dropped, and the tail. */
  endProgram(): void {
    this.flush();
    if (this.tail === null) return;
    const { droppedBytes, chunks } = this.tail;
    if (droppedBytes > 0) {
      this.note(`${droppedBytes} bytes of log were dropped here. Its last ${LOG_TAIL_BYTES} bytes follow.`);
    }
    this.splitters = newSplitters();
    for (const { source, at, bytes } of chunks) this.append(source, at, this.splitters[source].push(bytes));
    this.tail = null;
    this.flush();
  }

  /** A disk may say only now what it did not take. */
  close(): void {
    if (this.nextStates !== null) clearTimeout(this.nextStates);
    this.tolerate(() => closeSync(this.file));
  }

  private flush(): void {
    for (const stream of ['STDOUT', 'STDERR'] as const) {
      const last = this.splitters[stream].flush();
      if (last !== null) this.append(stream, new Date(), this.newLines(stream, [last]));
    }
  }

  /** The lines without the first, where it ends with the very state that was written last. */
  private newLines(stream: ProgramStream, lines: readonly Buffer[]): readonly Buffer[] {
    const state = this.states.get(stream);
    if (lines[0] === undefined || state === undefined) return lines;
    this.states.delete(stream);
    return lines[0].equals(state) ? lines.slice(1) : lines;
  }

  private showStatesSoon(stream: ProgramStream): void {
    if (this.nextStates !== null || this.splitters[stream].state() === null) return;
    this.nextStates = setTimeout(() => this.showStates(), STATE_EVERY_MS).unref();
  }

  private showStates(): void {
    this.nextStates = null;
    for (const stream of ['STDOUT', 'STDERR'] as const) {
      const state = this.tail === null ? this.splitters[stream].state() : null;
      if (state === null || this.states.get(stream)?.equals(state)) continue;
      this.store(stream, [state]);
      this.states.set(stream, state);
    }
  }

  private store(stream: ProgramStream, lines: readonly Buffer[]): void {
    const over = lines.findIndex((line) => (this.stored += line.length + LINE_OVERHEAD_BYTES) > this.limitBytes);
    this.append(stream, new Date(), over === -1 ? lines : lines.slice(0, over));
    if (over === -1) return;
    this.note(`The log reached its limit of ${this.limitBytes} bytes. Of what comes now only the end will be kept.`);
    this.tail = new TailBuffer(LOG_TAIL_BYTES);
    for (const line of lines.slice(over)) this.tail.push(stream, Buffer.concat([line, NEWLINE]));
    for (const each of ['STDOUT', 'STDERR'] as const) {
      const half = this.splitters[each].flush();
      if (half !== null) this.tail.push(each, half);
    }
  }

  /** A disk that is full must not stop the training: what cannot be written is lost, and supervisor.log says so, once. */
  private append(stream: LogLine['stream'], at: Date, lines: readonly Buffer[]): void {
    if (lines.length === 0) return;
    const head = Buffer.from(`${at.toISOString()} ${stream} `);
    this.tolerate(() => writeWhole(this.file, Buffer.concat(lines.flatMap((line) => [head, line, NEWLINE]))));
  }

  private tolerate(writing: () => void): void {
    try {
      writing();
    } catch (error) {
      if (!this.failed) console.error('The log of the job could not be written.', error);
      this.failed = true;
    }
  }
}

function newSplitters(): Record<ProgramStream, LineSplitter> {
  return { STDOUT: new LineSplitter(LONGEST_LINE_BYTES), STDERR: new LineSplitter(LONGEST_LINE_BYTES) };
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}
