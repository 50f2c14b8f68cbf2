"""The sealer asks for lines by their key and by nothing else.

Where the planner believed the log empty (analysed after a transaction that was rolled back, say), it read all of it: to find its last
line, and as the outer side of the join that pairs the leaves. A scalar subquery on a key leaves it no such choice. A child that is missing
makes the hash NULL, which the node's column refuses.
"""

from django.db import migrations

SEALER = r"""
CREATE OR REPLACE FUNCTION public.core_ledger_seal(now_is timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off AS $$
DECLARE
    last public.core_seal;
    before bigint;
    after bigint;
    height int := 1;
    peak bytea;
    root bytea;
    sealed bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('core.ledger.seal', 6962));
    SELECT * INTO last FROM public.core_seal s ORDER BY s.size DESC LIMIT 1;
    before := coalesce(last.size, 0);
    IF EXISTS (SELECT FROM public.core_logleaf l WHERE l.log_index >= before)
       OR before > 0 AND NOT EXISTS (SELECT FROM public.core_logleaf l WHERE l.log_index = before - 1) THEN
        SELECT coalesce(max(log_index) + 1, 0) INTO after FROM public.core_logleaf;
        RAISE EXCEPTION '封存日志有 % 行，上次封存为 % 行，请运行 verify_ledger (the log and its last seal differ)',
            after, before USING ERRCODE = 'data_corrupted';
    END IF;

    WITH taken AS (DELETE FROM public.core_logqueue q RETURNING q.*)
    INSERT INTO public.core_logleaf (log_index, entry_id, stream, seq, hash)
    SELECT before + row_number() OVER (ORDER BY t.entry_id) - 1, t.entry_id, t.stream, t.seq, t.hash FROM taken t;
    GET DIAGNOSTICS after = ROW_COUNT;
    after := before + after;
    IF after = before AND last.id IS NOT NULL THEN
        RETURN last.id;
    END IF;

    INSERT INTO public.core_lognode (level, index, hash)
    SELECT 1, i, sha256('\x01'::bytea
             || sha256('\x00'::bytea || (SELECT decode(l.hash, 'hex') FROM public.core_logleaf l WHERE l.log_index = 2 * i))
             || sha256('\x00'::bytea || (SELECT decode(r.hash, 'hex') FROM public.core_logleaf r WHERE r.log_index = 2 * i + 1)))
      FROM generate_series(before >> 1, (after >> 1) - 1) AS i;
    WHILE after >> (height + 1) > 0 LOOP
        height := height + 1;
        INSERT INTO public.core_lognode (level, index, hash)
        SELECT height, i, sha256('\x01'::bytea
                 || (SELECT l.hash FROM public.core_lognode l WHERE l.level = height - 1 AND l.index = 2 * i)
                 || (SELECT r.hash FROM public.core_lognode r WHERE r.level = height - 1 AND r.index = 2 * i + 1))
          FROM generate_series(before >> height, (after >> height) - 1) AS i;
    END LOOP;

    -- The complete subtrees, smallest first, fold into the root.
    FOR bit IN 0..62 LOOP
        CONTINUE WHEN (after >> bit) & 1 = 0;
        IF bit = 0 THEN
            SELECT sha256('\x00'::bytea || decode(l.hash, 'hex')) INTO STRICT peak
              FROM public.core_logleaf l WHERE l.log_index = after - 1;
        ELSE
            SELECT n.hash INTO STRICT peak
              FROM public.core_lognode n WHERE n.level = bit AND n.index = (after >> bit) - 1;
        END IF;
        root := CASE WHEN root IS NULL THEN peak ELSE sha256('\x01'::bytea || peak || root) END;
    END LOOP;
    root := coalesce(root, sha256(''::bytea));

    INSERT INTO public.core_seal (size, root, previous, sealed_at, hash)
    SELECT after, encode(root, 'hex'), previous, now_is, encode(sha256(convert_to(concat_ws(E'\n',
               previous, after::text, encode(root, 'hex'), public.core_ledger_moment(now_is)), 'UTF8')), 'hex')
      FROM (SELECT coalesce(last.hash, repeat('0', 64)) AS previous) p
    RETURNING id INTO sealed;
    RETURN sealed;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0011_open_duties_by_alert")]
    operations = [migrations.RunSQL(SEALER, migrations.RunSQL.noop)]
