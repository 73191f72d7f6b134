-- What tells a reader that it cannot go on from what it has: buckets went since, or commits that it has read were lost before this leader began.
alter table clusters add column removed_at bigint not null default 0;
alter table clusters add column epoch_began_at bigint not null default 0;
