namespace Lambda.Store.Postgres.Answers;

/// <summary>
/// The part of the schema that SQL views need, as steps of its migration: the numbers that states hold, which partials are served, and the views themselves,
/// which lie in a schema of their own so that tools show nothing else.
/// </summary>
internal static class AnswerSchema
{
    /// <summary>The schema of the SQL views of a store.</summary>
    public static string SchemaOf(string storeSchema) => $"{storeSchema}_views";

    /// <summary>Creates it in <c>{schema}</c>.</summary>
    public const string CreateSql = Numbers + Served + Shown;

    /// <summary>
    /// What the encodings of exact sums say, as numbers of any length, and results of them, rounded once as the kernel does. None calls another: whoever reads
    /// a SQL view need not be let into the schema of the store.
    /// </summary>
    private const string Numbers =
        """
        CREATE FUNCTION unsigned_integer(bytes bytea) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
        DECLARE
            number numeric := 0;
        BEGIN
            FOR i IN REVERSE length(bytes) - 1 .. 0 LOOP
                number := number * 256 + get_byte(bytes, i);
            END LOOP;
            RETURN number;
        END $body$;
        CREATE FUNCTION exact_decimal_sum(state bytea) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
        DECLARE
            last integer := length(state) - 1;
            units numeric := 0;
        BEGIN
            IF last > 0 THEN
                units := get_byte(state, last) - 256 * (get_byte(state, last) >> 7);
                FOR i IN REVERSE last - 1 .. 1 LOOP
                    units := units * 256 + get_byte(state, i);
                END LOOP;
            END IF;
            RETURN units * 1e-28;
        END $body$;
        CREATE FUNCTION exact_double_sum(state bytea) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
        DECLARE
            last integer := length(state) - 1;
            exponent integer;
            units numeric;
        BEGIN
            IF last = 1 THEN
                RETURN (ARRAY['0', 'Infinity', '-Infinity', 'NaN'])[get_byte(state, 1) + 1]::numeric;
            END IF;
            exponent := 8 * (get_byte(state, 2) + 256 * get_byte(state, 3)) - 1074;
            units := get_byte(state, last) - 256 * (get_byte(state, last) >> 7);
            FOR i IN REVERSE last - 1 .. 4 LOOP
                units := units * 256 + get_byte(state, i);
            END LOOP;
            IF exponent >= 0 THEN
                RETURN trim_scale(units * 2::numeric ^ exponent);
            END IF;
            -- A negative power of two is a power of five, moved by so many decimal places.
            RETURN trim_scale(units * 5::numeric ^ -exponent * ('1e' || exponent)::numeric);
        END $body$;
        -- With digits to spare, so that a quotient half way between two doubles stays there; PostgreSQL gives 1000 decimal places at most.
        CREATE FUNCTION exact_quotient(dividend numeric, divisor numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
        BEGIN
            IF abs(dividend) < 1e-200 THEN
                RETURN round(dividend * 1e400, 900) / nullif(divisor, 0) * 1e-400;
            END IF;
            RETURN round(dividend, least(coalesce(scale(dividend), 0), 900) + 64) / nullif(divisor, 0);
        END $body$;
        CREATE FUNCTION rounded_double(number numeric) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
            SELECT CASE
                WHEN number = 'NaN' THEN 'NaN'
                WHEN number >= 1.797693134862315807e308 THEN 'Infinity'
                WHEN number <= -1.797693134862315807e308 THEN '-Infinity'
                WHEN abs(number) < 2.4703282292062328e-324 THEN 0
                ELSE number::double precision END
        $body$;
        CREATE FUNCTION rounded_decimal(number numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
            SELECT trim_scale(round(number, greatest(0, 28 - CASE WHEN abs(number) < 1 THEN 0 ELSE length(trunc(abs(number))::text) END)))
        $body$;
        CREATE FUNCTION exact_variance(count numeric, sum numeric, squares numeric, degrees integer) RETURNS numeric
            LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
        BEGIN
            IF count <= degrees THEN
                RETURN NULL;
            ELSIF abs(sum) < 'Infinity' AND squares < 'Infinity' THEN
                RETURN round(greatest(count * squares - sum * sum, 0), 900) / (count * (count - degrees));
            END IF;
            RETURN 'NaN';
        END $body$;

        """;

    /// <summary>Has answers made of rows that generations share, and of the generation that was gone back to, if one was.</summary>
    public const string ShareRowsSql =
        """
        CREATE OR REPLACE VIEW served_generations AS
            SELECT DISTINCT ON (id) id AS view_version, generation, state = 'Current' AS is_current, boundary::jsonb AS boundary, root
            FROM view_versions JOIN generations ON generations.stream = view_versions.stream
            WHERE state IN ('Current', 'Superseded') AND views::jsonb ->> view_name = version
            ORDER BY id, state = 'Current' DESC, generation DESC;
        """;

    /// <summary>
    /// Shows answers as before, but does not keep readers of a SQL view waiting for others: who waits for a view to be free stands before all who
    /// come to read it. So it waits for a moment, lets them pass, and tries again, and no longer once it has changed a view of which readers wait for
    /// the end of the transaction.
    /// </summary>
    public const string LetReadersPassSql =
        """
        CREATE OR REPLACE FUNCTION show_answers(of_stream text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = {schema}, pg_temp SET lock_timeout = '2s' AS $body$
        DECLARE
            best record;
            changed integer := 0;
            busy integer;
        BEGIN
            LOCK TABLE shown_answers IN SHARE ROW EXCLUSIVE MODE;
            PERFORM set_config('lock_timeout', '40ms', true);
            FOR attempt IN 1 .. 20 LOOP
                busy := 0;
                FOR best IN
                    SELECT * FROM (
                        SELECT DISTINCT ON (version.view_name) version.id, version.answer_name, version.answer_sql, shown.answer_sql AS shown_sql
                        FROM view_versions AS version
                        LEFT JOIN shown_answers AS shown ON shown.answer_name = version.answer_name
                        LEFT JOIN served_generations AS served ON served.view_version = version.id AND served.is_current
                        CROSS JOIN LATERAL (
                            SELECT coalesce(bool_and(covered_from = start_offset), false) AS whole,
                                coalesce(bool_or(version.id = ANY (view_versions)), false) AS computed
                            FROM coverage JOIN partitions ON partitions.stream = version.stream AND partitions.partition = coverage.partition
                            WHERE coverage.view_version = version.id) AS speed
                        WHERE version.stream = of_stream AND version.answer_sql IS NOT NULL
                        ORDER BY version.view_name, served.generation IS NOT NULL DESC, whole DESC, computed AND whole DESC,
                            NOT whole AND coalesce(shown.view_version = version.id, false) DESC, version.id DESC) AS picked
                    WHERE answer_sql IS DISTINCT FROM shown_sql
                LOOP
                    BEGIN
                        BEGIN
                            EXECUTE format('CREATE OR REPLACE VIEW {schema}_views.%I AS %s', best.answer_name, best.answer_sql);
                        EXCEPTION WHEN invalid_table_definition THEN
                            EXECUTE format('DROP VIEW {schema}_views.%I', best.answer_name);
                            EXECUTE format('CREATE VIEW {schema}_views.%I AS %s', best.answer_name, best.answer_sql);
                        END;
                        INSERT INTO shown_answers VALUES (best.answer_name, best.id, best.answer_sql)
                        ON CONFLICT (answer_name) DO UPDATE SET view_version = excluded.view_version, answer_sql = excluded.answer_sql;
                        changed := changed + 1;
                        PERFORM set_config('lock_timeout', '1ms', true);
                    EXCEPTION
                        WHEN lock_not_available OR deadlock_detected THEN
                            busy := busy + 1;
                        WHEN dependent_objects_still_exist THEN
                            NULL;
                    END;
                END LOOP;
                EXIT WHEN busy = 0 OR changed > 0;
                PERFORM pg_sleep(0.06);
            END LOOP;
        END $body$;
        """;

    /// <summary>
    /// Brings editions in. Partials of all of them lie in one table and are told apart by the number of their partition there, so that queries which join
    /// <c>served_epochs</c> get those of the edition that answers, also the ones of SQL views that were made before.
    /// </summary>
    public static readonly string TellEditionsApartSql =
        $"""
        ALTER TABLE partitions ADD COLUMN edition integer NOT NULL DEFAULT 0, ADD COLUMN held_until bigint NOT NULL DEFAULT 0;
        CREATE TABLE editions (
            stream text COLLATE "C" NOT NULL, edition integer NOT NULL, state text NOT NULL, views text NOT NULL, archived_to text,
            started_at bigint NOT NULL, served_at bigint, left_at bigint, PRIMARY KEY (stream, edition));
        CREATE OR REPLACE VIEW served_epochs AS
            SELECT id AS view_version, partitions.edition * {EditionLane.Width} + partitions.partition AS partition,
                CASE WHEN boundary IS NULL THEN 0 ELSE (
                    SELECT min(found) FROM (
                        SELECT epoch AS found, start_offset AS begins FROM sealed_epochs
                        WHERE sealed_epochs.stream = partitions.stream AND sealed_epochs.partition = partitions.partition
                        UNION ALL SELECT partitions.epoch, partitions.epoch_start) AS epochs
                    WHERE begins >= (boundary ->> partitions.partition)::bigint) END AS first_epoch
            FROM view_versions JOIN partitions ON partitions.stream = view_versions.stream LEFT JOIN served_generations ON view_version = id;

        """ + LetReadersPassSql.Replace(
            "partitions.partition = coverage.partition",
            $"coverage.partition = partitions.partition + partitions.edition * {EditionLane.Width}",
            StringComparison.Ordinal);

    /// <summary>
    /// Which partials answers are made of. A version that the current generation does not hold any more is answered by the newest one that did: so its SQL view
    /// stays right until it gives way to the next.
    /// </summary>
    private const string Served =
        """
        CREATE VIEW served_generations AS
            SELECT DISTINCT ON (id) id AS view_version, generation, state = 'Current' AS is_current, boundary::jsonb AS boundary
            FROM view_versions JOIN generations ON generations.stream = view_versions.stream
            WHERE state IN ('Current', 'Superseded') AND views::jsonb ->> view_name = version
            ORDER BY id, generation DESC;
        CREATE VIEW served_epochs AS
            SELECT id AS view_version, partition, CASE WHEN boundary IS NULL THEN 0 ELSE (
                SELECT min(found) FROM (
                    SELECT epoch AS found, start_offset AS begins FROM sealed_epochs
                    WHERE sealed_epochs.stream = partitions.stream AND sealed_epochs.partition = partitions.partition
                    UNION ALL SELECT epoch, epoch_start) AS epochs
                WHERE begins >= (boundary ->> partition)::bigint) END AS first_epoch
            FROM view_versions JOIN partitions ON partitions.stream = view_versions.stream LEFT JOIN served_generations ON view_version = id;

        """;

    /// <summary>
    /// A view shows the version that the current generation holds, or that is computed from the start of the stream; until there is one, the one it shows
    /// already, or the newest. Whoever writes may let it change without owning it, but only to the query that its owner has registered. A view
    /// that is being read for long, or that others are built on, stays as it is until the next time: what it shows stays right.
    /// </summary>
    private const string Shown =
        """
        ALTER TABLE view_versions ADD COLUMN answer_name text, ADD COLUMN answer_sql text;
        CREATE TABLE shown_answers (answer_name text PRIMARY KEY, view_version integer NOT NULL REFERENCES view_versions, answer_sql text NOT NULL);
        CREATE FUNCTION show_answers(of_stream text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = {schema}, pg_temp SET lock_timeout = '2s' AS $body$
        DECLARE
            best record;
        BEGIN
            LOCK TABLE shown_answers IN SHARE ROW EXCLUSIVE MODE;
            FOR best IN
                SELECT * FROM (
                    SELECT DISTINCT ON (version.view_name) version.id, version.answer_name, version.answer_sql, shown.answer_sql AS shown_sql
                    FROM view_versions AS version
                    LEFT JOIN shown_answers AS shown ON shown.answer_name = version.answer_name
                    LEFT JOIN served_generations AS served ON served.view_version = version.id AND served.is_current
                    CROSS JOIN LATERAL (
                        SELECT coalesce(bool_and(covered_from = start_offset), false) AS whole,
                            coalesce(bool_or(version.id = ANY (view_versions)), false) AS computed
                        FROM coverage JOIN partitions ON partitions.stream = version.stream AND partitions.partition = coverage.partition
                        WHERE coverage.view_version = version.id) AS speed
                    WHERE version.stream = of_stream AND version.answer_sql IS NOT NULL
                    ORDER BY version.view_name, served.generation IS NOT NULL DESC, whole DESC, computed AND whole DESC,
                        NOT whole AND coalesce(shown.view_version = version.id, false) DESC, version.id DESC) AS picked
                WHERE answer_sql IS DISTINCT FROM shown_sql
            LOOP
                BEGIN
                    BEGIN
                        EXECUTE format('CREATE OR REPLACE VIEW {schema}_views.%I AS %s', best.answer_name, best.answer_sql);
                    EXCEPTION WHEN invalid_table_definition THEN
                        EXECUTE format('DROP VIEW {schema}_views.%I', best.answer_name);
                        EXECUTE format('CREATE VIEW {schema}_views.%I AS %s', best.answer_name, best.answer_sql);
                    END;
                    INSERT INTO shown_answers VALUES (best.answer_name, best.id, best.answer_sql)
                    ON CONFLICT (answer_name) DO UPDATE SET view_version = excluded.view_version, answer_sql = excluded.answer_sql;
                EXCEPTION WHEN lock_not_available OR deadlock_detected OR dependent_objects_still_exist THEN
                    NULL;
                END;
            END LOOP;
        END $body$;
        REVOKE ALL ON FUNCTION show_answers(text) FROM PUBLIC;
        """;
}
