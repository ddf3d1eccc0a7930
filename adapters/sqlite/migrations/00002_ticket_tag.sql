-- +goose Up

-- The tags of the conversation of a ticket, a JSON array whose values are in helpdesk_value too.
-- A process of before does not write the column, and leaves it as it is.
ALTER TABLE helpdesk_ticket ADD COLUMN tag TEXT;
