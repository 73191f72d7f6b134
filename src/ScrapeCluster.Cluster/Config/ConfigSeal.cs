using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ScrapeCluster.Cluster.Config;

/// <summary>
/// Seals what goes into the store: configurations have passwords in them, and a database has backups and readers of its own. AES-256-GCM under a key derived from
/// the cluster's secret; a payload of another cluster does not open.
/// <code>
/// payload: 1 format (1)   8 mark of the key   12 nonce   16 tag   the sealed bytes
/// </code>
/// </summary>
public sealed class ConfigSeal
{
    private const byte Format = 1;
    private const int MarkBytes = 8;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeadBytes = 1 + MarkBytes + NonceBytes + TagBytes;
    private const int ShownHashBytes = 8;

    private readonly byte[] _key;
    private readonly byte[] _mark;
    private readonly byte[] _hashKey;
    private readonly byte[] _context;

    public ConfigSeal(ClusterSecret secret, string cluster)
    {
        _key = secret.DeriveKey("config");
        _hashKey = secret.DeriveKey("config-hash");

        // Only tells which secret it was sealed under, so that a wrong one is not taken for damage.
        _mark = secret.DeriveKey("config-mark")[..MarkBytes];
        _context = Encoding.UTF8.GetBytes($"scrapecluster/config/{cluster}");
    }

    public byte[] Seal(byte[] plain)
    {
        var payload = new byte[HeadBytes + plain.Length];
        payload[0] = Format;
        _mark.CopyTo(payload, 1);
        var nonce = payload.AsSpan(1 + MarkBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_key, TagBytes);
        cipher.Encrypt(nonce, plain, payload.AsSpan(HeadBytes), payload.AsSpan(HeadBytes - TagBytes, TagBytes), _context);
        return payload;
    }

    public bool TryOpen(byte[] payload, [NotNullWhen(true)] out byte[]? plain, [NotNullWhen(false)] out string? fault)
    {
        plain = null;
        fault = FaultOfHead(payload);
        if (fault is not null)
        {
            return false;
        }

        try
        {
            var opened = new byte[payload.Length - HeadBytes];
            using var cipher = new AesGcm(_key, TagBytes);
            cipher.Decrypt(
                payload.AsSpan(1 + MarkBytes, NonceBytes), payload.AsSpan(HeadBytes), payload.AsSpan(HeadBytes - TagBytes, TagBytes), opened, _context);
            plain = opened;
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            fault = "it was damaged in the database, or belongs to a cluster of another name";
            return false;
        }
    }

    /// <summary>By which nodes compare configurations. Keyed, so that it does not help to guess the passwords in one.</summary>
    public string HashOf(byte[] plain) => Convert.ToHexStringLower(HMACSHA256.HashData(_hashKey, plain).AsSpan(0, ShownHashBytes));

    private string? FaultOfHead(byte[] payload)
    {
        if (payload.Length < HeadBytes || payload.Length > HeadBytes + ConfigBundle.MaxBytes)
        {
            return $"it was damaged in the database: {payload.Length} bytes";
        }

        if (payload[0] != Format)
        {
            return $"it has format {payload[0]}, this version reads {Format}: it was published by a newer one";
        }

        return payload.AsSpan(1, MarkBytes).SequenceEqual(_mark)
            ? null
            : "it was sealed under another secret: scrapecluster.cluster.secret of this node differs from that of the node which published it";
    }
}
