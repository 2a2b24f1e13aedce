import type { Row } from '../../neo4j/row.js';
import type { Visibility } from './asset.js';
import { type Namespace, registrationOf, type RegistrationTerms } from './namespace.js';

/** Decodes the properties of a Namespace node or of one of its revisions. One that nobody has set is DISCOVERABLE. */
export function decodeNamespace(row: Row): Namespace {
  const namespace = row.row('namespace');
  const visibility = decodeVisibility(namespace);
  const registration = namespace.maybeText('registration');
  return {
    __typename: 'Namespace',
    id: namespace.text('id'),
    name: namespace.text('name'),
    visibility,
    registration: registrationOf(registration, visibility),
    registrationSet: registration !== null,
    ownerIds: namespace.texts('ownerIds'),
    registrarIds: namespace.texts('registrarIds'),
    runsOverdueAfterSeconds: namespace.maybeInt('runsOverdueAfterSeconds'),
  };
}

/** Decodes what `termsOf` gives (terms.cypher.ts). */
export function decodeTerms(row: Row): RegistrationTerms {
  return {
    known: row.flag('known'),
    registration: registrationOf(row.maybeText('registration'), decodeVisibility(row)),
    owns: row.flag('owns'),
    admitted: row.flag('admitted'),
  };
}

function decodeVisibility(row: Row): Visibility {
  return row.maybeText('visibility') === 'RESTRICTED' ? 'RESTRICTED' : 'DISCOVERABLE';
}
