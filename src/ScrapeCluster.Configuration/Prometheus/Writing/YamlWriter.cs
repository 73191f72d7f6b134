using System.Globalization;
using ScrapeCluster.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ScrapeCluster.Configuration;

/// <summary>Writes block-style YAML, leaving out what is empty or zero.</summary>
internal sealed class YamlWriter
{
    private readonly StringWriter _text = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
    private readonly Emitter _emitter;

    public YamlWriter()
    {
        _emitter = new(_text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
        _emitter.Emit(new StreamStart());
        _emitter.Emit(new DocumentStart(null, null, isImplicit: true));
    }

    /// <summary>Ends the document.</summary>
    public string Finish()
    {
        _emitter.Emit(new DocumentEnd(isImplicit: true));
        _emitter.Emit(new StreamEnd());
        return _text.ToString();
    }

    public void Map(Action body)
    {
        _emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));
        body();
        _emitter.Emit(new MappingEnd());
    }

    public void Map(string key, Action body)
    {
        Plain(key);
        Map(body);
    }

    /// <summary>Writes the list when it has items.</summary>
    public void List<T>(string key, IReadOnlyCollection<T> items, Action<T> write)
    {
        if (items.Count > 0)
        {
            Plain(key);
            List(items, write);
        }
    }

    public void List<T>(IReadOnlyCollection<T> items, Action<T> write)
    {
        _emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
        foreach (var item in items)
        {
            write(item);
        }

        _emitter.Emit(new SequenceEnd());
    }

    public void Texts(string key, IReadOnlyCollection<string> items) => List(key, items, Text);

    public void Secrets(string key, IReadOnlyCollection<Secret> items) => List(key, items, secret => Text(secret.ToString()));

    public void Field(string key, string value)
    {
        if (value.Length > 0)
        {
            Always(key, value);
        }
    }

    public void Field(string key, bool value)
    {
        if (value)
        {
            Always(key, value);
        }
    }

    public void Field(string key, long value)
    {
        if (value != 0)
        {
            Plain(key);
            Plain(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    public void Field(string key, ulong value)
    {
        if (value != 0)
        {
            Plain(key);
            Plain(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    public void Field(string key, TimeSpan value)
    {
        if (value != TimeSpan.Zero)
        {
            Plain(key);
            Plain(PromDuration.Format(value));
        }
    }

    public void Size(string key, long bytes)
    {
        if (bytes != 0)
        {
            Plain(key);
            Plain(ByteSize.Format(bytes));
        }
    }

    public void Field(string key, Secret? value) => Field(key, value?.ToString() ?? "");

    public void Always(string key, bool value)
    {
        Plain(key);
        Plain(value ? "true" : "false");
    }

    public void Always(string key, string value)
    {
        Text(key);
        Text(value);
    }

    /// <summary>A string, quoted where a plain scalar would be read as something else.</summary>
    public void Text(string value)
    {
        var isString = new YamlScalar(value, "", isPlain: true, 0, 0).TagName == "!!str" && value != "<<";
        Emit(value, isString ? ScalarStyle.Any : ScalarStyle.DoubleQuoted);
    }

    /// <summary>Text that needs no quotes: a number, a boolean, a known key.</summary>
    public void Plain(string value) => Emit(value, ScalarStyle.Plain);

    private void Emit(string value, ScalarStyle style)
    {
        _emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, value, style, isPlainImplicit: true, isQuotedImplicit: true));
    }
}
