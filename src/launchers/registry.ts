import { badInput } from '../errors.js';
import { BoundedLauncher } from './bounded-launcher.js';
import { firstFor, type LauncherChoice, type Needs, evaluate } from './choice.js';
import type { Launcher, LauncherCapabilities } from './port/launcher.js';

/** The launchers of this installation, by name. None of them lets anybody wait for ever. */
export class LauncherRegistry {
  private readonly launchers: readonly Launcher[];

  constructor(launchers: readonly Launcher[]) {
    this.launchers = launchers.map((launcher) => new BoundedLauncher(launcher));
  }

  all(): readonly Launcher[] {
    return this.launchers;
  }

  find(name: string): Launcher | null {
    return this.launchers.find((launcher) => launcher.name === name) ?? null;
  }

  /** The launcher of that name, or the first one. Throws BAD_USER_INPUT when there is none. */
  choose(name: string | null | undefined): Launcher {
    const chosen = name == null ? this.launchers[0] : this.find(name);
    if (!chosen) {
      const known = this.launchers.map((launcher) => launcher.name).join(', ');
      throw badInput(
        name == null
          ? 'No launcher is configured.'
          : `There is no launcher "${name}". There is: ${known === '' ? 'none' : known}.`,
      );
    }
    return chosen;
  }

  /**
   * The launcher of that name, or the first that can take the launch now, and why it cannot, now or ever. Throws
   * BAD_USER_INPUT when there is none of that name, or none at all.
   */
  async chooseFor(name: string | null | undefined, needs: Needs): Promise<LauncherChoice> {
    const launcher = this.choose(name);
    return name == null ? firstFor([launcher, ...this.launchers.slice(1)], needs) : evaluate(launcher, needs);
  }

  /** What each can do now. */
  capabilities(): Promise<(LauncherCapabilities & { launcher: Launcher })[]> {
    return Promise.all(this.launchers.map(async (launcher) => ({ launcher, ...(await launcher.capabilities()) })));
  }
}
