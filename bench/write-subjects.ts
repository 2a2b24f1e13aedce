import 'reflect-metadata';
import { pino } from 'pino';
import { newSigningKey, readSigner } from '../src/audit/checkpoints/checkpoint.js';
import { EntryMarks } from '../src/audit/record/entry-marks.js';
import { accountFor, RECORD_AUDIT } from '../src/audit/record/record.js';
import { SealingRepository } from '../src/audit/sealing/sealing.repository.js';
import { Sequencer } from '../src/audit/sealing/sequencer.worker.js';
import { type Actor, systemActor } from '../src/auth/actor.js';
import { AssetRepository } from '../src/catalog/assets/asset.repository.js';
import { AssetService } from '../src/catalog/assets/asset.service.js';
import { NamespaceGate } from '../src/catalog/namespaces/namespace-gate.policy.js';
import { NamespaceRepository } from '../src/catalog/namespaces/namespace.repository.js';
import type { AssetWanted } from '../src/catalog/registration/registration.draft.js';
import { RegistrationRepository } from '../src/catalog/registration/registration.repository.js';
import { NearTwinPolicy } from '../src/catalog/twins/near-twins.policy.js';
import { NearTwinRepository } from '../src/catalog/twins/near-twins.repository.js';
import { RegistrationService } from '../src/catalog/registration/registration.service.js';
import { Graph, type openDriver, type QueryOrigin, WriteTransaction } from '../src/neo4j/graph.js';
import { PrincipalRepository } from '../src/principals/accounts/principal.repository.js';
import { PrincipalService } from '../src/principals/accounts/principal.service.js';

/** Who writes, by which services; `sequencer` seals what they leave, where there is a log. */
export interface Subject {
  writer: Actor;
  assets: AssetService;
  registrations: RegistrationService;
  sequencer: Sequencer | null;
}

const now = (): Date => new Date();
const logger = pino({ level: 'warn' });
const marks = new EntryMarks(readSigner(newSigningKey('bench').signer));

/** A graph that keeps everything of a change but its entry in the audit log. The product cannot be told to do that. */
class UnloggedGraph extends Graph {
  override write<T>(origin: QueryOrigin, work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
    return super.write(origin, (tx) => {
      const run: WriteTransaction['run'] = async (cypher, parameters) => {
        if (cypher === RECORD_AUDIT) return [];
        return tx.run(cypher.replace(accountFor('$entry'), '').replace(accountFor('row.entry'), ''), parameters);
      };
      return work(new WriteTransaction(run, tx.mark));
    });
  }
}

/** The product with its log, whose sequencer runs as in a server, and without. */
export async function openSubjects(driver: ReturnType<typeof openDriver>): Promise<{ on: Subject; off: Subject }> {
  const options = { database: 'neo4j', timeoutMs: 15_000 };
  const logged = new Graph(driver, options);
  const unlogged = new UnloggedGraph(driver, options);
  for (const graph of [logged, unlogged]) graph.markWith((text) => marks.of(text));
  const writer = await signUp(logged);
  const sequencer = new Sequencer(logged, new SealingRepository(logged, marks, now), { logger, now });
  return { on: subject(logged, writer, sequencer), off: subject(unlogged, writer, null) };
}

/** Somebody who owns what they register. */
async function signUp(graph: Graph): Promise<Actor> {
  const system = systemActor('bench');
  const principals = new PrincipalService(graph, new PrincipalRepository(graph), now);
  const { id, name } = await principals.createUser(system, { name: 'Who writes', handle: 'writer', role: 'MEMBER' });
  return { ...system, id, name, role: 'MEMBER', principalIds: [id] };
}

function subject(graph: Graph, writer: Actor, sequencer: Sequencer | null): Subject {
  const gate = new NamespaceGate(new NamespaceRepository(graph, now), 'anyone');
  const twins = new NearTwinPolicy(new NearTwinRepository(graph, now));
  return {
    writer,
    assets: new AssetService(graph, new AssetRepository(graph, now), gate, twins, now),
    registrations: new RegistrationService(graph, new RegistrationRepository(), gate, twins, now),
    sequencer,
  };
}

/** A data set of so many fields. */
export function datasetWanted(namespace: string, name: string, fields = 0): AssetWanted {
  return {
    kind: 'DATASET',
    input: { namespace, name, visibility: 'DISCOVERABLE' },
    fields: Array.from({ length: fields }, (_, at) => ({ name: `column_${at}`, type: 'int', description: null })),
  };
}
