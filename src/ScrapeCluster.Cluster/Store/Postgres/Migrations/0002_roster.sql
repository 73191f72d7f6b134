-- Members and pins have a version too: heartbeats tell it, and readers are given only what is above theirs.
alter table clusters add column roster_version bigint not null default 0;

-- The roster version that wrote the row. Heartbeats do not: they would make every row new every second.
alter table members add column since bigint not null default 0;
