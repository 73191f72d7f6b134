delete from scrapecluster.target_sets s using unnest(@jobs, @buckets, @counts) as gone (job, bucket, count)
where s.cluster = @cluster and s.job = gone.job and s.bucket = gone.bucket and s.count = gone.count
