using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Files;

/// <summary>The real file system, for tests that change one thing of it.</summary>
internal abstract class ForwardingFiles : IDataFiles
{
    public virtual IDataFile Create(string path) => DiskFiles.Instance.Create(path);

    public virtual IReadableFile OpenToRead(string path) => DiskFiles.Instance.OpenToRead(path);

    public virtual IDataFile Open(string path) => DiskFiles.Instance.Open(path);

    public virtual void CreateFolder(string path) => DiskFiles.Instance.CreateFolder(path);

    public virtual void Move(string from, string to) => DiskFiles.Instance.Move(from, to);

    public virtual void Delete(string path) => DiskFiles.Instance.Delete(path);

    public virtual void DeleteFolder(string path) => DiskFiles.Instance.DeleteFolder(path);

    public virtual void FlushFolder(string path) => DiskFiles.Instance.FlushFolder(path);
}
