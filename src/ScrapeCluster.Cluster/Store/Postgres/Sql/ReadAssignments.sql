select job, bucket, slot, count, owner, previous, effective_at, epoch, version, reason
from scrapecluster.assignments where cluster = @cluster and version > @after order by job collate "C", bucket, slot
