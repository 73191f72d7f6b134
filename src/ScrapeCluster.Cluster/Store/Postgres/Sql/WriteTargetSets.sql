insert into scrapecluster.target_sets (cluster, job, bucket, count, version, checksum, payload, since)
select @cluster, job, bucket, count, version, checksum, payload, @since
from unnest(@jobs, @buckets, @counts, @versions, @checksums, @payloads) as row (job, bucket, count, version, checksum, payload)
on conflict (cluster, job, bucket, count) do update
set version = excluded.version, checksum = excluded.checksum, payload = excluded.payload, since = excluded.since
