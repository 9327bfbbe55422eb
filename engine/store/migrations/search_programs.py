"""What the databases themselves keep for the search: the words of tasks, and how a word is looked up.

A text is a task's label with its subject. Texts are few where tasks are many, so a trigger keeps each once
(`task_text`); whoever searches asks the texts first, and an index leads from a text to its tasks.
"""

# Letters of a text one by one and two by two: words of two are usual in Chinese, so trigrams do not serve.
_GRAMS = """
create or replace function search_grams(words text) returns text[]
language sql immutable strict parallel safe as $$
  select coalesce(array_agg(distinct gram), '{}')
  from (select lower(words) as low) as whole, generate_series(1, length(low)) as i,
    lateral (values (substr(low, i, 1)), (substr(low, i, 2))) as grams (gram)
$$
"""
# The cast of text to JSON is called stable, for the sake of settings that no letter depends on.
_LETTER_WORDS = """
create or replace function letter_words(issuer text, prefix text, number text, body text) returns text
language plpgsql immutable parallel safe as $$
begin
  return issuer || chr(10) || prefix || '第' || number || '號' || chr(10) || (body::json->>'subject');
end $$
"""
_KEEP_NEW = """
create or replace function keep_task_text() returns trigger language plpgsql as $$
begin
  insert into task_text (label, subject)
    select distinct label, subject from added order by label, subject on conflict do nothing;
  return null;
end $$
"""
_KEEP_CHANGED = """
create or replace function keep_changed_task_text() returns trigger language plpgsql as $$
begin
  insert into task_text (label, subject) values (new.label, new.subject) on conflict do nothing;
  return null;
end $$
"""
_IS_OTHER = "old.label is distinct from new.label or old.subject is distinct from new.subject"

# Of expressions, or different for the two databases: no table of the program describes them.
INDEXES = frozenset({"ix_task_text_grams", "ix_letter_grams", "ix_task_open_text", "ix_task_closed_text"})
POSTGRESQL = (
    _GRAMS,
    _LETTER_WORDS,
    "create index ix_task_text_grams on task_text using gin (search_grams(label || chr(10) || subject))",
    "create index if not exists ix_letter_grams on letter"
    " using gin (search_grams(letter_words(issuer, prefix, number, body)))",
    "create index ix_task_open_text on task (hashtextextended(label || chr(10) || subject, 0))"
    " where state = 1",
    "create index ix_task_closed_text on task"
    " (closed_by, hashtextextended(label || chr(10) || subject, 0)) where state = 2",
    _KEEP_NEW,
    _KEEP_CHANGED,
    "create or replace trigger task_text_is_kept after insert on task"
    " referencing new table as added for each statement execute function keep_task_text()",
    "create or replace trigger changed_task_text_is_kept after update of label, subject on task"
    f" for each row when ({_IS_OTHER}) execute function keep_changed_task_text()",
)

# Not "or ignore": an upsert that fires a trigger brings its own answer to conflicts into it.
_KEEP_SQLITE = (
    "begin insert into task_text (label, subject) select new.label, new.subject where not exists"
    " (select 1 from task_text t where t.label = new.label and t.subject = new.subject); end"
)
# No index leads from a text to its tasks here: the search walks.
SQLITE = (
    f"create trigger if not exists task_text_is_kept after insert on task {_KEEP_SQLITE}",
    "create trigger if not exists changed_task_text_is_kept after update of label, subject on task"
    f" {_KEEP_SQLITE}",
)
