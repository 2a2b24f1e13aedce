/** Why a sign-in failed, in one word for the audit log. The caller is told only that it did. */
export type SignInFault =
  | 'DISABLED'
  | 'EXPIRED'
  | 'MALFORMED'
  | 'NOT_YET_VALID'
  | 'REVOKED'
  | 'UNKNOWN_KEY'
  | 'UNKNOWN_TOKEN'
  | 'UNTRUSTED_ISSUER'
  | 'WRONG_ALGORITHM'
  | 'WRONG_AUDIENCE'
  | 'WRONG_CLAIMS'
  | 'WRONG_ISSUER'
  | 'WRONG_SECRET'
  | 'WRONG_SIGNATURE'
  | 'WRONG_TYPE';
