select job, bucket, count, version from scrapecluster.target_sets where cluster = @cluster and since > @after
