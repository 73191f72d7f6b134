select s.job, s.bucket, s.count, s.version, s.checksum, s.payload
from scrapecluster.target_sets s join unnest(@jobs, @buckets, @counts) as wanted (job, bucket, count)
  on s.job = wanted.job and s.bucket = wanted.bucket and s.count = wanted.count
where s.cluster = @cluster
