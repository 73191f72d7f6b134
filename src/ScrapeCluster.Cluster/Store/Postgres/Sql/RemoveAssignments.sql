delete from scrapecluster.assignments a using unnest(@jobs, @buckets, @counts) as gone (job, bucket, count)
where a.cluster = @cluster and a.job = gone.job and a.bucket = gone.bucket and a.count = gone.count
