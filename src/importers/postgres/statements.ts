/** No database has as many; more is a mistake, and would not fit. */
export const MOST_RELATIONS = 100_000;

const OF_USERS = `n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp\\_%'`;

/** The upper half of the identifier of a server is the second in which it was made. */
export const DATABASE = `
SELECT current_database() AS database, current_setting('server_version') AS version,
       to_timestamp(system_identifier >> 32) AS "createdAt"
FROM pg_control_system()`;

/** Tables, views and composite types. When one was changed is known where the server keeps the times of commits. */
export const RELATIONS = (keepsTimes: boolean): string => `
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, pg_get_userbyid(c.relowner) AS owner,
       obj_description(c.oid, 'pg_class') AS comment, c.reltuples::float8 AS estimate,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
       ${keepsTimes ? CHANGED : 'NULL::timestamptz'} AS "changedAt",
       greatest(s.last_analyze, s.last_autoanalyze) AS "analyzedAt"
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND ${OF_USERS}
ORDER BY n.nspname, c.relname, c.oid
LIMIT ${MOST_RELATIONS + 1}`;

const CHANGED = `greatest(pg_xact_commit_timestamp(c.xmin),
         (SELECT max(pg_xact_commit_timestamp(a.xmin)) FROM pg_attribute a WHERE a.attrelid = c.oid),
         (SELECT max(pg_xact_commit_timestamp(d.xmin)) FROM pg_description d WHERE d.objoid = c.oid),
         (SELECT max(pg_xact_commit_timestamp(k.xmin)) FROM pg_constraint k WHERE k.conrelid = c.oid))`;

export const COLUMNS = `
SELECT a.attrelid AS relation, a.attnum AS number, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       col_description(a.attrelid, a.attnum) AS comment,
       CASE WHEN e.typtype = 'c' THEN e.typrelid WHEN t.typtype = 'c' THEN t.typrelid ELSE 0 END AS inner
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND ${OF_USERS}
ORDER BY a.attrelid, a.attnum`;

export const CONSTRAINTS = `
SELECT k.conrelid AS relation, k.contype::text AS kind,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(number, at)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.at) AS columns,
       fn.nspname AS "toSchema", f.relname AS "toTable",
       CASE WHEN k.contype = 'f' THEN
         ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u(number, at)
               JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.at) END AS "toColumns"
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class f ON f.oid = k.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
WHERE k.contype IN ('p', 'f', 'u') AND ${OF_USERS}
ORDER BY k.conrelid, k.contype, k.conname`;

/** What the rule of a view reads: the relation, and the columns of it that the view could not be without. */
export const DEPENDENCIES = `
SELECT DISTINCT r.ev_class AS view, d.refobjid AS on, a.attname::text AS column
FROM pg_rewrite r
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
  AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
JOIN pg_class c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
JOIN pg_class o ON o.oid = d.refobjid AND o.relkind IN ('r', 'p', 'v', 'm', 'f')
JOIN pg_namespace n ON n.oid = o.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
WHERE ${OF_USERS}
ORDER BY 1, 2, 3`;
