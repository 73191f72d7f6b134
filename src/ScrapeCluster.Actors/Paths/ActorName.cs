using System.Buffers;
using System.Globalization;
using System.Text;

namespace ScrapeCluster.Actors;

/// <summary>Which names an actor may have, and a reversible way to make one from any text (a job's name, say).</summary>
public static class ActorName
{
    /// <summary>Stands for the empty text: an escaped plain character, which no other text gives.</summary>
    private const string Empty = "%2D";

    private const string Plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*$+:@&=,!~';()";
    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create(Plain);

    /// <summary>Letters, digits, <c>-_.*$+:@&amp;=,!~';()</c> and <c>%XX</c>, not starting with <c>$</c>, not empty.</summary>
    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name[0] == '$')
        {
            return false;
        }

        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '%')
            {
                if (i + 2 >= name.Length || !char.IsAsciiHexDigit(name[i + 1]) || !char.IsAsciiHexDigit(name[i + 2]))
                {
                    return false;
                }

                i += 2;
            }
            else if (!PlainCharacters.Contains(name[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// A valid name for any text; different texts give different names. A wildcard character is escaped too, so that the name
    /// means itself in an <see cref="Actors.ActorSelection"/>.
    /// </summary>
    public static string Escape(string text)
    {
        if (text.Length == 0)
        {
            return Empty;
        }

        var name = new StringBuilder(text.Length + 8);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b is not ((byte)'$' or (byte)'*') && PlainCharacters.Contains((char)b))
            {
                name.Append((char)b);
            }
            else
            {
                name.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return name.ToString();
    }

    /// <summary>The text that <see cref="Escape"/> was given.</summary>
    public static string Unescape(string name)
    {
        if (name is Empty)
        {
            return "";
        }

        var bytes = new List<byte>(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '%')
            {
                bytes.Add(byte.Parse(name.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                bytes.Add((byte)name[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    internal static void Validate(string name, ActorPath parent)
    {
        if (!IsValid(name))
        {
            throw new InvalidActorNameException(
                $"'{name}' is not a valid name for a child of {parent}: letters, digits and -_.*$+:@&=,!~';() are allowed, "
                + "not starting with $; ActorName.Escape makes a valid one.");
        }
    }

    /// <summary>The name of the n-th child that was given none: <c>$a</c>, <c>$b</c>, ...</summary>
    internal static string Generated(long number)
    {
        var name = new StringBuilder("$");
        do
        {
            name.Append((char)('a' + (number % 26)));
            number /= 26;
        }
        while (number > 0);
        return name.ToString();
    }
}
