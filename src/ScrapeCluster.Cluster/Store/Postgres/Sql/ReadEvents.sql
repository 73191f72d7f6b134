select id, at, kind, subject, detail, node, epoch from scrapecluster.events
where cluster = @cluster and id > @after order by id desc limit @limit
