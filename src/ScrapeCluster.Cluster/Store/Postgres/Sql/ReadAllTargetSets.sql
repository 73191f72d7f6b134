select job, bucket, count, version, checksum, payload from scrapecluster.target_sets where cluster = @cluster
