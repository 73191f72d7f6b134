-- One database serves any number of clusters: every table is keyed by the cluster's name first.

create table clusters (
  cluster            text primary key,
  assignment_version bigint not null default 0,
  config_version     bigint not null default 0,
  last_incarnation   bigint not null default 0,
  -- Of the leader's lease. Taking a lease writes it, renewing does not: so a commit, which locks this row, holds up a new leader but not the old one's renewal.
  leader_epoch       bigint not null default 0
);

create table leases (
  cluster     text not null references clusters,
  role        text not null,
  holder      text not null,
  incarnation bigint not null,
  epoch       bigint not null,
  expires_at  timestamptz not null,
  primary key (cluster, role)
);

create table members (
  cluster             text not null references clusters,
  node                text not null,
  incarnation         bigint not null,
  data_id             text not null,
  address             text not null,
  api_address         text not null,
  zone                text not null,
  state               text not null check (state in ('joining', 'up', 'leaving', 'down')),
  capacity            double precision not null,
  load                double precision not null default 0,
  progress            bigint not null default 0,
  applied_assignments bigint not null default 0,
  applied_config      bigint not null default 0,
  config_hash         text not null default '',
  highest_epoch       bigint not null default 0,
  protocol            integer not null,
  version             text not null,
  is_cordoned         boolean not null default false,
  seen_at             timestamptz not null,
  primary key (cluster, node)
);

create table target_sets (
  cluster  text not null references clusters,
  job      text not null,
  bucket   integer not null,
  count    integer not null,
  version  bigint not null,
  checksum bigint not null,
  payload  bytea not null,
  -- The assignment version that wrote it: who has read up to there need not be told of it again.
  since    bigint not null,
  primary key (cluster, job, bucket, count)
);

create index target_sets_by_since on target_sets (cluster, since);

create table assignments (
  cluster      text not null references clusters,
  job          text not null,
  bucket       integer not null,
  slot         integer not null,
  count        integer not null,
  owner        text not null,
  previous     text not null,
  effective_at timestamptz not null,
  epoch        bigint not null,
  version      bigint not null,
  reason       text not null,
  primary key (cluster, job, bucket, slot)
);

create index assignments_by_version on assignments (cluster, version);

create table pins (
  cluster text not null references clusters,
  job     text not null,
  bucket  integer not null,
  node    text not null,
  primary key (cluster, job, bucket)
);

create table config (
  cluster      text not null references clusters,
  version      bigint not null,
  payload      bytea not null,
  published_by text not null,
  published_at timestamptz not null,
  primary key (cluster, version)
);

create table events (
  cluster text not null references clusters,
  id      bigint generated always as identity,
  at      timestamptz not null,
  kind    text not null,
  subject text not null,
  detail  text not null,
  node    text not null,
  epoch   bigint not null,
  primary key (cluster, id)
);
