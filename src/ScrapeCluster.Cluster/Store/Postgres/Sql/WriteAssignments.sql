insert into scrapecluster.assignments (cluster, job, bucket, slot, count, owner, previous, effective_at, epoch, version, reason)
select @cluster, job, bucket, slot, count, owner, previous, effective_at, @epoch, @version, reason
from unnest(@jobs, @buckets, @slots, @counts, @owners, @previous, @effective_at, @reasons)
  as row (job, bucket, slot, count, owner, previous, effective_at, reason)
on conflict (cluster, job, bucket, slot) do update
set count = excluded.count, owner = excluded.owner, previous = excluded.previous, effective_at = excluded.effective_at,
    epoch = excluded.epoch, version = excluded.version, reason = excluded.reason
