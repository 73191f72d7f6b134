select job, bucket, node from scrapecluster.pins where cluster = @cluster order by job collate "C", bucket
