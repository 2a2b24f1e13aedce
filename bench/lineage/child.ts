import { spawn } from 'node:child_process';

const START_MS = 600_000;

/** A server in a process of its own. */
export interface Child {
  address: string;
  pid: number;
  stop: () => Promise<void>;
}

/** Starts `node` with the arguments and waits until it prints an address in the form given. Its errors are shown. */
export async function startChild(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  says: RegExp,
): Promise<Child> {
  const env = { ...process.env, NODE_ENV: 'production', ...environment };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    return { address: await readAddress(child.stdout, says), pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readAddress(stdout: NodeJS.ReadableStream, says: RegExp): Promise<string> {
  let printed = '';
  stdout.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`The server did not come up. It printed:\n${printed}`));
    setTimeout(giveUp, START_MS).unref();
    stdout.on('data', (chunk: string) => {
      printed += chunk;
      const address = says.exec(printed)?.[1];
      if (address !== undefined) resolve(address);
    });
    stdout.once('end', giveUp);
  });
}
