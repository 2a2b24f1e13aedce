import { describe, expect, it } from 'vitest';
import { ChangesOfRights, concernsSignIn, KEPT_MS } from '../../src/auth/changes-of-rights.js';
import { KeptSignIns } from '../../src/principals/sign-in/kept-sign-ins.js';

/** A database in which a token stands for a number, and a clock that goes on when told. */
function world() {
  const state = { now: 0, present: 1, lookUps: 0, listeners: [] as ((statements: ReadonlySet<string>) => void)[] };
  const changes = new ChangesOfRights({ onWritten: (listener) => state.listeners.push(listener) }, () => state.now);
  const kept = new KeptSignIns<number>(changes, (value) => value >= 0);
  return {
    state,
    kept,
    wrote: (...statements: string[]) => state.listeners.forEach((listener) => listener(new Set(statements))),
    ask: (afresh = false, hash = 'hash') =>
      kept.get(hash, afresh, () => {
        state.lookUps += 1;
        return Promise.resolve(state.present);
      }),
  };
}

describe('What a token stands for', () => {
  it('is looked up once a second, and by many requests at once together', async () => {
    const { state, ask } = world();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
    state.present = 2;
    state.now = KEPT_MS - 1;
    expect(await ask()).toBe(1);
    expect(state.lookUps).toBe(1);
    state.now = KEPT_MS;
    expect(await ask()).toBe(2);
    expect(state.lookUps).toBe(2);
  });

  it('counts its age from before it was asked for: a slow answer is an old one', async () => {
    const { state, kept, ask } = world();
    const slow = kept.get('hash', false, () => {
      state.now += KEPT_MS;
      return Promise.resolve(1);
    });
    expect(await slow).toBe(1);
    state.present = 2;
    expect(await ask()).toBe(2);
  });

  it('is looked up again after a change that was written here, and not after what changes nothing of it', async () => {
    const { state, ask, wrote } = world();
    await ask();
    state.present = 2;
    wrote('catalog.updateAsset', 'audit.record', 'principals.touchToken');
    expect(await ask()).toBe(1);
    wrote('audit.record', 'principals.setRole');
    expect(await ask()).toBe(2);
  });

  it('is not kept when it was read before a change and arrived after it', async () => {
    const { state, kept, ask, wrote } = world();
    let arrive: (value: number) => void = () => undefined;
    const early = kept.get('hash', false, () => new Promise((resolve) => (arrive = resolve)));
    state.present = 2;
    wrote('principals.setDisabled');
    expect(await ask()).toBe(2);
    arrive(1);
    // It was asked before the change: so it may be answered, but to nobody else.
    expect(await early).toBe(1);
    expect(await ask()).toBe(2);
    expect(state.lookUps).toBe(1);
  });

  it('is looked up again for a request that names what it has to have seen', async () => {
    const { state, ask } = world();
    await ask();
    state.present = 2;
    expect(await ask(true)).toBe(2);
    expect(await ask()).toBe(2);
  });

  it('is not kept when it is a refusal or a failure', async () => {
    const { state, kept, ask } = world();
    state.present = -1;
    expect([await ask(), await ask()]).toEqual([-1, -1]);
    expect(state.lookUps).toBe(2);
    await expect(kept.get('hash', false, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    state.present = 3;
    expect(await ask()).toBe(3);
  });

  it('takes a bounded room: of very many tokens the first are forgotten', async () => {
    const { state, ask } = world();
    for (let token = 0; token <= 10_000; token++) await ask(false, `hash ${token}`);
    await ask(false, 'hash 10000');
    expect(state.lookUps).toBe(10_001);
    await ask(false, 'hash 0');
    expect(state.lookUps).toBe(10_002);
  });
});

describe('A statement that writes', () => {
  it.each(['principals.revokeToken', 'access.createGrant', 'installation.secret', 'unnamed', 'something.new'])(
    'counts as a change of who may do what unless it is known not to be one: %s',
    (name) => expect(concernsSignIn(name)).toBe(true),
  );
});
