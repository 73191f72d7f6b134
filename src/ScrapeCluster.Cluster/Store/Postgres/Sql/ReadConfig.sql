select version, payload, published_by, published_at from scrapecluster.config
where cluster = @cluster and version > @after order by version desc limit 1
