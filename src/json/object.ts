import { z } from 'zod';
import { isPlainObject } from './limits.js';

/** A JSON object with all its keys: a record of zod leaves out `__proto__`. */
export const jsonObject = (message = 'must be an object'): z.ZodType<Record<string, unknown>> =>
  z.custom<Record<string, unknown>>(isPlainObject, message);
