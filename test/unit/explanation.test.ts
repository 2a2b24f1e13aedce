import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessGrant } from '../../src/access/grants/access.js';
import { explain, type ExplainedFacts, rightsIn } from '../../src/access/explanation/explanation.js';
import { actingAs, type PrincipalStatus } from '../../src/access/ownership/principal-status.js';
import { ROLES } from '../../src/auth/actor.js';
import { ACTIONS, actionsOf, GRANTABLE } from '../../src/auth/rights.js';

const NOW = new Date('2026-06-01T00:00:00Z');
const TEAM = { id: 'team', name: 'Team' };
const time = fc.constantFrom(new Date('2026-05-01T00:00:00Z'), new Date('2026-07-01T00:00:00Z'));

const grants: fc.Arbitrary<AccessGrant> = fc.record({
  __typename: fc.constant('AccessGrant' as const),
  id: fc.uuid(),
  assetId: fc.constant('asset'),
  granteeId: fc.constantFrom('me', 'team'),
  grantedById: fc.constant('owner'),
  actions: fc.subarray([...GRANTABLE], { minLength: 1 }),
  purpose: fc.constant('to try'),
  createdAt: fc.constant(new Date('2026-01-01T00:00:00Z')),
  expiresAt: time,
  revokedAt: fc.option(fc.constant(new Date('2026-05-02T00:00:00Z'))),
});

const facts: fc.Arbitrary<ExplainedFacts> = fc.record({
  urn: fc.constant('urn:weft:dataset:n:a'),
  visibility: fc.constantFrom('DISCOVERABLE' as const, 'RESTRICTED' as const),
  retiredAt: fc.option(fc.constant(new Date('2026-03-01T00:00:00Z'))),
  owns: fc.uniqueArray(
    fc.record({ ownerId: fc.constantFrom('me', 'team'), role: fc.constantFrom('OWNER' as const, 'STEWARD' as const) }),
    { selector: ({ ownerId }) => ownerId, maxLength: 2 },
  ),
  grants: fc.array(grants, { maxLength: 4 }),
});

const principals: fc.Arbitrary<PrincipalStatus> = fc.record({
  id: fc.constant('me'),
  name: fc.constant('Me'),
  role: fc.constantFrom(...ROLES),
  isTeam: fc.constant(false),
  disabledAt: fc.option(fc.constant(new Date('2026-04-01T00:00:00Z')), { freq: 4 }),
  teams: fc.constant([TEAM]),
  activeMembers: fc.constant(0),
});

describe('the explanation of a right', () => {
  it('agrees with what the actions come out as, and gives a reason for it', () => {
    fc.assert(
      fc.property(principals, facts, fc.constantFrom(...ACTIONS), (principal, known, action) => {
        const explained = explain(principal, known, action, NOW);
        const origin = { requestId: 't', operation: 't' };
        const can = actionsOf(actingAs(principal, origin), rightsIn(known, NOW)).includes(action);
        expect(explained.allowed).toBe(can && principal.disabledAt === null);
        expect(explained.reasons.length).toBeGreaterThan(0);
        expect(explained.reasons.every(({ kind }) => (kind === 'NONE') !== explained.allowed)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it('names no way that does not give the right by itself', () => {
    fc.assert(
      fc.property(principals, facts, fc.constantFrom(...ACTIONS), (principal, known, action) => {
        for (const { kind, grant, throughId } of explain(principal, known, action, NOW).reasons) {
          if (kind === 'NONE') continue;
          const alone: ExplainedFacts = {
            ...known,
            visibility: kind === 'VISIBILITY' ? known.visibility : 'RESTRICTED',
            owns: known.owns.filter(({ ownerId, role }) => role === kind && ownerId === (throughId ?? 'me')),
            grants: known.grants.filter((each) => each === grant),
          };
          const bare: PrincipalStatus =
            kind === 'ROLE' || principal.role === 'AUDITOR' ? principal : { ...principal, role: 'MEMBER' };
          expect(explain(bare, alone, action, NOW).allowed).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('tells of an ended grant that used to give it, and that a retired asset is used by nobody', () => {
    const grant = { ...fc.sample(grants, 1)[0], actions: ['USE_FOR_TRAINING'], granteeId: 'me' } as AccessGrant;
    const me: PrincipalStatus = {
      ...TEAM,
      id: 'me',
      name: 'Me',
      role: 'MEMBER',
      isTeam: false,
      disabledAt: null,
      teams: [],
      activeMembers: 0,
    };
    const known: ExplainedFacts = {
      ...{
        urn: 'urn:weft:dataset:n:a',
        visibility: 'DISCOVERABLE',
        retiredAt: new Date('2026-03-01T00:00:00Z'),
        owns: [],
      },
      grants: [
        { ...grant, revokedAt: new Date('2026-05-02T00:00:00Z') },
        { ...grant, revokedAt: null, expiresAt: new Date('2026-05-01T00:00:00Z') },
      ],
    };
    const { reasons, notes } = explain(me, known, 'USE_FOR_TRAINING', NOW);
    expect(reasons.map(({ message }) => message)).toEqual([
      expect.stringContaining('requestAccess') as string,
      expect.stringContaining('revoked at 2026-05-02') as string,
      expect.stringContaining('expired at 2026-05-01') as string,
    ]);
    expect(notes).toEqual([expect.stringContaining('retired') as string]);
  });
});
