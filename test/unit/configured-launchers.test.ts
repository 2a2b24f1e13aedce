import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConfigured } from '../../src/launchers/configured.js';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'weftline-launchers-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function opened(yaml: string): ReturnType<typeof openConfigured> {
  const path = join(folder, 'launchers.yaml');
  writeFileSync(path, yaml);
  return openConfigured(path, { directory: join(folder, 'jobs'), home: folder });
}

const TEAM = '0198d1a4-0000-7000-8000-000000000000';

describe('the file of launchers', () => {
  it('opens each launcher, in its order, with its secrets and who may use them', () => {
    const launchers = opened(`
launchers:
  - { name: here, kind: local, gpus: 1, cpus: 1, memoryBytes: 8000000000, secrets: { hub: /etc/secrets/hub }, secretTeams: { hub: [${TEAM}] } }
  - { name: hpc, kind: slurm, directory: /shared/jobs, settings: { rest: { url: "http://127.0.0.1:6820", user: weft, keyFile: /etc/key } } }
  - { name: ray, kind: ray, directory: /shared/jobs }
  - name: cluster
    kind: kubernetes
    directory: /shared/jobs
    settings:
      namespace: training
      volumes: [{ mountPath: /shared, claim: shared }]
      secrets: { hub: { secretName: hub, key: token } }
`);
    expect(launchers.map(({ name, kind, secrets }) => ({ name, kind, secrets }))).toEqual([
      { name: 'here', kind: 'local', secrets: [{ name: 'hub', teams: [TEAM] }] },
      { name: 'hpc', kind: 'slurm', secrets: [] },
      { name: 'ray', kind: 'ray', secrets: [] },
      { name: 'cluster', kind: 'kubernetes', secrets: [{ name: 'hub', teams: null }] },
    ]);
  });

  it.each([
    ['is not YAML', 'launchers: [', 'launchers.yaml has 1 problem'],
    ['is empty', '', 'expected object'],
    ['names an unknown kind', 'launchers: [{ name: a, kind: lsf }]', 'launchers.0.kind'],
    ['has a misspelt member', 'launchers: [{ name: a, kind: local, gpu: 1 }]', '"gpu"'],
    ['has a number of CPUs that is none', 'launchers: [{ name: a, kind: local, cpus: 1.5 }]', 'launchers.0.cpus'],
    ['gives a name twice', 'launchers: [{ name: a, kind: local }, { name: a, kind: local }]', '"a" is given twice'],
    ['has a folder that is not absolute', 'launchers: [{ name: a, kind: ray, directory: jobs }]', 'launchers.0.directory: must be an absolute path'],
    ['has wrong settings of an engine', 'launchers: [{ name: a, kind: ray, directory: /j, settings: { address: x } }]', 'launchers.0.settings.address'],
    ['takes a runner for dead within a few seconds', 'launchers: [{ name: a, kind: ray, directory: /j, quietSeconds: 5 }]', 'launchers.0.quietSeconds'],
    ['keeps a secret for a team by its name', 'launchers: [{ name: a, kind: local, secrets: { h: /h }, secretTeams: { h: [science] } }]', 'launchers.0.secretTeams.h.0'],
  ])('is refused when it %s, and says where', (_, yaml, words) => {
    expect(() => opened(yaml)).toThrow(words);
  }); // prettier-ignore

  it('is refused when it is not there', () => {
    expect(() => openConfigured(join(folder, 'none.yaml'), { directory: folder, home: folder })).toThrow(
      'no such file',
    );
  });
});
