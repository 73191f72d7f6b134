delete from scrapecluster.assignments a using unnest(@jobs, @buckets, @slots) as gone (job, bucket, slot)
where a.cluster = @cluster and a.job = gone.job and a.bucket = gone.bucket and a.slot = gone.slot
