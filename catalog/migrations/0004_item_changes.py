"""A log of which items' facts changed, written by triggers: whoever writes, by whatever way, is in it.

New items aren't: nobody can know facts of them yet. See catalog/changes.py for how it is read.
"""

from django.db import migrations

CREATE = """
CREATE TABLE catalog_itemchange (
    -- Of the whole transaction: a number from a sequence would be given out in another order than that of commits.
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    item_ids bigint[]  -- NULL: too many to name
);
CREATE INDEX itemchange_xid ON catalog_itemchange (xid);

-- One row. What transactions before `pruned_before` wrote is no longer in the log.
CREATE TABLE catalog_itemchangepruning (
    id smallint PRIMARY KEY CHECK (id = 1),
    pruned_before xid8 NOT NULL,
    next_before xid8 NOT NULL
);
INSERT INTO catalog_itemchangepruning VALUES (1, '0', pg_snapshot_xmin(pg_current_snapshot()));

CREATE FUNCTION catalog_log_item_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO catalog_itemchange (item_ids) VALUES (NULL);
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(id) INTO changed FROM before;
    ELSE
        SELECT array_agg(id) INTO changed FROM (
            SELECT id, external_id, title, active, category, creator_id, language, tags, published_at FROM before
            EXCEPT
            SELECT id, external_id, title, active, category, creator_id, language, tags, published_at FROM after
        ) AS differing;
    END IF;
    IF changed IS NOT NULL THEN
        INSERT INTO catalog_itemchange (item_ids)
        VALUES (CASE WHEN cardinality(changed) <= 10000 THEN changed END);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER log_updates AFTER UPDATE ON catalog_item REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_log_item_changes();
CREATE TRIGGER log_deletes AFTER DELETE ON catalog_item REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_log_item_changes();
CREATE TRIGGER log_truncation AFTER TRUNCATE ON catalog_item
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_log_item_changes();

-- A creator's external id is a fact of each of its items. It hardly ever changes, so their ids aren't looked up.
CREATE FUNCTION catalog_log_creator_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT id, external_id FROM before EXCEPT SELECT id, external_id FROM after) THEN
        INSERT INTO catalog_itemchange (item_ids) VALUES (NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER log_updates AFTER UPDATE ON catalog_creator REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_log_creator_changes();
"""
DROP = """
DROP TRIGGER log_updates ON catalog_creator;
DROP TRIGGER log_updates ON catalog_item;
DROP TRIGGER log_deletes ON catalog_item;
DROP TRIGGER log_truncation ON catalog_item;
DROP FUNCTION catalog_log_creator_changes();
DROP FUNCTION catalog_log_item_changes();
DROP TABLE catalog_itemchange;
DROP TABLE catalog_itemchangepruning;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_histories_uncompressed")]
    operations = [migrations.RunSQL(CREATE, DROP)]
