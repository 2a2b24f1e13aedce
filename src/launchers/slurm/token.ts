/** Where the token for slurmrestd comes from. No message tells a token, or what a command printed. */
import { readFile } from 'node:fs/promises';
import { decodeJwt, SignJWT } from 'jose';
import { hasErrno, messageOf } from '../machine/errno.js';
import { LauncherUnreachable } from '../port/launcher.js';
import { commandEnvironment, runCommand } from './command.js';
import type { SlurmRestSettings } from './settings.js';

/** A token that has at least this long to live is used again. */
const SPARE_MS = 30_000;

export interface SlurmTokens {
  /** A token to ask with now. Throws `LauncherUnreachable` where there is none, saying what to do. */
  token(): Promise<string>;
}

export function tokensOf(settings: SlurmRestSettings, timeoutSeconds: number): SlurmTokens {
  const { user, tokenFile, tokenCommand, keyFile, tokenSeconds } = settings;
  if (keyFile !== undefined) return reusing(() => sign(keyFile, user, tokenSeconds));
  if (tokenCommand !== undefined) return reusing(() => printed(tokenCommand, timeoutSeconds));
  // Not kept: whoever renews the file expects the new one to be used.
  return { token: () => fromFile(tokenFile ?? '') };
}

async function fromFile(path: string): Promise<string> {
  const token = tokenIn(await readText(path, 'token'));
  const expiry = token === null ? null : expiryOf(token);
  if (token === null || expiry === null)
    throw new LauncherUnreachable(`The token file ${path} holds no token: write there what \`scontrol token\` prints.`);
  if (expiry <= Date.now()) {
    const since = Number.isFinite(expiry) ? new Date(expiry).toISOString() : '';
    throw new LauncherUnreachable(`The token in ${path} expired at ${since}: write a new one there (scontrol token).`);
  }
  return token;
}

async function printed(command: readonly string[], timeoutSeconds: number): Promise<string> {
  const { code, stdout } = await runCommand(command, { timeoutSeconds, env: commandEnvironment() });
  const token = code === 0 ? tokenIn(stdout) : null;
  if (token === null || expiryOf(token) === null) {
    const end = code === 0 ? 'printed no token' : `ended with exit code ${code ?? 'unknown'}`;
    throw new LauncherUnreachable(`The command for tokens of Slurm (${command[0] ?? ''}) ${end}: see that it works.`);
  }
  return token;
}

async function sign(keyFile: string, user: string, seconds: number): Promise<string> {
  let key: Buffer;
  try {
    key = await readFile(keyFile);
  } catch (error) {
    throw new LauncherUnreachable(`The key for tokens of Slurm cannot be read: ${messageOf(error)}`);
  }
  return await new SignJWT({ sun: user })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .setExpirationTime(`${seconds} s`)
    .sign(key);
}

function reusing(make: () => Promise<string>): SlurmTokens {
  let last: Promise<string> | null = null;
  return {
    token: async () => {
      const known = await last?.catch(() => null);
      if (known != null && (expiryOf(known) ?? 0) - SPARE_MS > Date.now()) return known;
      last = make();
      return await last;
    },
  };
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = hasErrno(error, 'ENOENT') ? 'is missing' : `cannot be read: ${messageOf(error)}`;
    throw new LauncherUnreachable(`The ${what} file ${path} ${why}.`);
  }
}

/** The token alone, or after "SLURM_JWT=" as scontrol prints it. */
function tokenIn(text: string): string | null {
  return /^(?:SLURM_JWT=)?([\w-]+\.[\w-]+\.[\w-]+)$/.exec(text.trim())?.[1] ?? null;
}

/** In milliseconds; Infinity for one that never expires, null for what is no token. */
function expiryOf(token: string): number | null {
  try {
    const { exp } = decodeJwt(token);
    return exp === undefined ? Infinity : exp * 1000;
  } catch {
    return null;
  }
}
