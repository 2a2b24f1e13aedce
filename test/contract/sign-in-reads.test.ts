import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concernsSignIn } from '../../src/auth/changes-of-rights.js';
import { FIND_EXTERNAL_USER } from '../../src/principals/sign-in/external-user.cypher.js';
import { AUTHENTICATE, TOUCH_TOKEN } from '../../src/principals/tokens/token.cypher.js';

const SRC = join(import.meta.dirname, '../../src');
/** The labels and relationships that signing in reads, by its own statements. */
const READ = [...`${AUTHENTICATE} ${FIND_EXTERNAL_USER}`.matchAll(/[:|]([A-Z][A-Za-z_]+)/g)].map(([, word]) => word);
const WORDS = [...new Set(READ)].join('|');

/** Texts with Cypher of statements that are said not to concern signing in, by the name of their file. */
const texts = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }))
  // Where signing in lies itself one statement is said not to: below.
  .filter(({ file }) => !file.startsWith('principals/'))
  .filter(({ text }) =>
    [...text.matchAll(/`\/\/ ([a-zA-Z]+\.[a-zA-Z]+)/g)].some(([, name = '']) => !concernsSignIn(name)),
  );

/** What a text makes or changes of what signing in reads. */
function writesIn(text: string): string[] {
  const made = [
    ...text.matchAll(
      new RegExp(`\\b(?:CREATE|MERGE)\\b[^\\n]*[(\\[]\\w*(?::\\w+)*:(?:${WORDS})\\b(?![^)]*\\{id:)`, 'g'),
    ),
  ];
  const bound = new RegExp(`[(\\[](\\w+)(?::|:[\\w&|:]*[&|:])(?:${WORDS})\\b`, 'g');
  const variables = new Set([...text.matchAll(bound)].map(([, variable]) => variable));
  const clauses = [
    ...text.matchAll(
      /\b(?:SET|REMOVE|DELETE)\b([^`{}]*?)(?=\b(?:MATCH|WITH|RETURN|CREATE|MERGE|CALL|UNWIND|ON|SET|REMOVE|DELETE|WHERE|ELSE)\b|[`{}|]|$)/g,
    ),
  ];
  const changed = clauses.flatMap(([, clause = '']) => [...clause.matchAll(/(?:^|,)\s*(\w+)(\.\w+)?/g)]);
  return [
    ...made.map(([all]) => all),
    ...changed
      .filter(([, variable, property]) => variables.has(variable) && property !== '.lockedAt')
      .map(([all]) => all),
  ];
}

describe('Statements that do not make a sign-in to be looked up again', () => {
  it('are found, and so is what signing in reads', () => {
    expect(texts.length).toBeGreaterThan(15);
    expect(READ).toEqual(
      expect.arrayContaining(['ApiToken', 'Principal', 'AuditorSession', 'MEMBER_OF', 'AccessGrant', 'User', 'Team']),
    );
  });

  it('would be told if they changed an account, a team, a token or a grant', () => {
    expect(writesIn('MATCH (p:Principal {id: $id})\nSET p.role = $role')).not.toEqual([]);
    expect(writesIn('MATCH (u)-[m:MEMBER_OF]->(:Team)\nDELETE m`')).not.toEqual([]);
    expect(writesIn('CREATE (g:Node:AccessGrant)-[:GRANTED_ON]->(a)')).not.toEqual([]);
    expect(writesIn('MERGE (p)-[m:MEMBER_OF]->(t)')).not.toEqual([]);
    expect(writesIn('MATCH (p:Principal)-[own:OWNS]->(a) SET a.ownerIds = [p.id]')).toEqual([]);
  });

  it('are, of those about tokens, that which says when one was last used, and no more', () => {
    expect(TOUCH_TOKEN.replace(/^.*\n/, '')).toBe('MATCH (t:ApiToken {id: $tokenId}) SET t.lastUsedAt = $now');
  });

  it('change none of it', () => {
    const wrong = texts.flatMap(({ file, text }) => writesIn(text).map((write) => `${file}: ${write}`));
    expect(wrong).toEqual([]);
  });
});
