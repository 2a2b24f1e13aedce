import type { ChangesOfRights } from '../auth/changes-of-rights.js';
import { HeldGrants } from '../auth/held-grants.repository.js';
import type { Retirement } from '../catalog/removal/retirement.service.js';
import type { Published, VersionService } from '../catalog/versions/version.service.js';
import type { DeployOutcome, ReleaseCommands } from '../deployment/releases/release-commands.service.js';
import type { ApprovalRepository } from '../governance/decisions/approval.repository.js';
import { GoingOnRepository } from '../governance/going-on/going-on.repository.js';
import { type Came, type Doers, GoingOn } from '../governance/going-on/going-on.worker.js';
import type { LaunchOutcome, LaunchService } from '../training/launch/launch.service.js';
import type { Parts } from './parts.js';

interface Shared {
  approvalRows: ApprovalRepository;
  changes: ChangesOfRights;
  launches: LaunchService;
  releasing: ReleaseCommands;
  versions: VersionService;
  retirement: Retirement;
}

/** What does by itself what was approved, by the services that do it when it is asked for. */
export function wireGoingOn({ graph, logger, now }: Parts, shared: Shared): GoingOn {
  const { approvalRows, changes, launches, releasing, versions, retirement } = shared;
  const doers: Doers = {
    launchTraining: async (actor, input) => launched(await launches.launch(actor, input)),
    deployModel: async (actor, input) => released(await releasing.deploy(actor, input)),
    promoteRelease: async (actor, input) => released(await releasing.promote(actor, input)),
    rollbackRelease: async (actor, input) => released(await releasing.rollBack(actor, input)),
    publishDatasetVersion: async (actor, input) => published(await versions.publishDatasetVersion(actor, input)),
    publishModelVersion: async (actor, input) => published(await versions.publishModelVersion(actor, input)),
    retireAsset: async (actor, input) => ({ allowedId: (await retirement.retire(actor, input)).asset.id }),
  };
  return new GoingOn(new GoingOnRepository(graph, approvalRows), {
    ...{ doers, logger, now },
    actorOf: ({ id, requesterId, scopes, action }, { name, role, teamIds }) => {
      const principalIds = [requesterId, ...teamIds];
      return {
        ...{ id: requesterId, name, role, scopes, principalIds, onApproval: id },
        grants: new HeldGrants(principalIds, { changes, now }),
        origin: { requestId: id, operation: `approved:${action}` },
      };
    },
  });
}

const told = (reasons: readonly { message: string }[]): Came => ({
  stopped: reasons.map(({ message }) => message).join(' '),
});

function launched(outcome: LaunchOutcome): Came {
  if (outcome.__typename === 'TrainingJob') return { allowedId: outcome.id };
  if (outcome.__typename === 'LauncherUnavailable') return { later: outcome.message };
  return 'reasons' in outcome ? told(outcome.reasons) : { stopped: outcome.message };
}

function released(outcome: DeployOutcome): Came {
  return outcome.__typename === 'Release' ? { allowedId: outcome.id } : told(outcome.reasons);
}

function published({ version }: Published): Came {
  return version === null ? { stopped: 'It was only to be tried.' } : { allowedId: version.id };
}
