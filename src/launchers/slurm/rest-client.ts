/** One slurmrestd: its version, the token, and why it gave no answer of use. */
import { trimEnd } from '../../trim.js';
import { messageOf } from '../machine/errno.js';
import { LauncherUnreachable } from '../port/launcher.js';
import { answer, type SlurmRestAnswer, type SlurmRestError } from './rest-answers.js';
import { textOf } from './rest-errors.js';
import { chooseVersion, knownVersions, type SlurmRestOffer, type SlurmRestVersion } from './rest-versions.js';
import type { SlurmRestSettings } from './settings.js';
import type { SlurmTokens } from './token.js';

type Offer = SlurmRestOffer & { version: SlurmRestVersion };
export type Method = 'GET' | 'POST' | 'DELETE';

export class SlurmRestClient {
  private readonly url: string;
  private known: Offer | null = null;

  constructor(
    private readonly settings: SlurmRestSettings,
    private readonly tokens: SlurmTokens,
    private readonly timeoutSeconds: number,
  ) {
    this.url = trimEnd(settings.url, '/');
  }

  /** What it speaks. Throws `LauncherUnreachable` when that is nothing we know. */
  async offer(): Promise<Offer> {
    if (this.known !== null) return this.known;
    const document = await this.fetch('GET', '/openapi/v3');
    const paths = typeof document === 'object' && document !== null && 'paths' in document ? document.paths : null;
    const offer = chooseVersion(Object.keys(paths ?? {}));
    const { version, offered } = offer;
    if (version === null) {
      const there = offered.length === 0 ? 'none for jobs' : offered.join(', ');
      throw new LauncherUnreachable(
        `slurmrestd at ${this.url} speaks no version of its API that is known here. It has: ${there}; known are: ${knownVersions().join(', ')}. Start it with one of these (slurmrestd -s), or use the commands of Slurm (cli).`,
      );
    }
    this.known = { ...offer, version };
    return this.known;
  }

  /** Asks under a path, and gives the answer whatever its HTTP status. Throws `LauncherUnreachable` where there is none. */
  async ask(method: Method, path: string, body?: unknown): Promise<SlurmRestAnswer> {
    const parsed = answer.safeParse(await this.fetch(method, path, body));
    if (parsed.success) return parsed.data;
    throw new LauncherUnreachable(`slurmrestd at ${this.url} answered ${method} ${path} in a shape not known here.`);
  }

  /** For an answer that tells nothing: slurmrestd says the same of a token that is not accepted and a controller that is away. */
  unreachable(errors: readonly SlurmRestError[] | null | undefined): LauncherUnreachable {
    const said = (errors ?? []).map(textOf).join('; ') || 'nothing';
    return new LauncherUnreachable(
      `slurmrestd at ${this.url} could not tell and said: ${said}. Either slurmctld is away, or it does not accept the token for user "${this.settings.user}": see that slurmctld runs, and that the token is new, signed with the key of this cluster, and of this user.`,
    );
  }

  private async fetch(method: Method, path: string, body?: unknown): Promise<unknown> {
    const { status, text } = await this.exchange(method, path, body);
    if (status === 401 || status === 403) {
      throw new LauncherUnreachable(
        `slurmrestd at ${this.url} refuses the token for user "${this.settings.user}" (${status}): give it a new one.`,
      );
    }
    // Another version has taken its place.
    if (status === 404) this.known = null;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new LauncherUnreachable(`slurmrestd at ${this.url} answered ${method} ${path} with ${status} and no JSON.`);
    }
  }

  private async exchange(method: Method, path: string, body: unknown): Promise<{ status: number; text: string }> {
    const headers = { 'x-slurm-user-name': this.settings.user, 'x-slurm-user-token': await this.tokens.token() };
    const content = { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
    try {
      const response = await fetch(this.url + path, {
        method,
        ...(body === undefined ? { headers } : content),
        // The token must not go where somebody else points.
        redirect: 'error',
        signal: AbortSignal.timeout(this.timeoutSeconds * 1000),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new LauncherUnreachable(`slurmrestd at ${this.url} did not answer: ${messageOf(cause)}`);
    }
  }
}
