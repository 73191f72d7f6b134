using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// The name of a block (https://github.com/ulid/spec): 48 bits of Unix milliseconds, 80 random bits, written as 26 characters of Crockford's
/// base 32, so that names sort as times.
/// </summary>
internal readonly record struct Ulid(UInt128 Value) : IComparable<Ulid>
{
    public const int Length = 26;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int RandomBits = 80;

    public long TimeMs => (long)(Value >> RandomBits);

    public static Ulid New(long timeMs, Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        var value = BinaryPrimitives.ReadUInt128BigEndian(bytes) & ((UInt128.One << RandomBits) - 1);
        return new Ulid(((UInt128)(ulong)timeMs << RandomBits) | value);
    }

    /// <summary>Letters of both cases; the first character is at most 7, since 26 of them have two bits too many.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Ulid ulid)
    {
        ulid = default;
        if (text is null || text.Length != Length || text[0] > '7')
        {
            return false;
        }

        var value = UInt128.Zero;
        foreach (var character in text)
        {
            var digit = Alphabet.IndexOf(char.ToUpperInvariant(character), StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            value = (value << 5) | (UInt128)digit;
        }

        ulid = new Ulid(value);
        return true;
    }

    public int CompareTo(Ulid other) => Value.CompareTo(other.Value);

    public override string ToString()
    {
        return string.Create(Length, Value, static (text, value) =>
        {
            for (var i = text.Length - 1; i >= 0; i--)
            {
                text[i] = Alphabet[(int)(value & 31)];
                value >>= 5;
            }
        });
    }
}
