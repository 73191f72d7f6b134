using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace ScrapeCluster.Node.Api;

/// <summary>Parameters of a request, from the query string and, for POST, from the form behind it.</summary>
internal sealed class ApiParameters
{
    private readonly IQueryCollection _query;
    private readonly IFormCollection? _form;

    private ApiParameters(IQueryCollection query, IFormCollection? form)
    {
        _query = query;
        _form = form;
    }

    public static async Task<ApiParameters> ReadAsync(HttpContext http)
    {
        var request = http.Request;
        var form = HttpMethods.IsPost(request.Method) && request.HasFormContentType ? await request.ReadFormAsync(http.RequestAborted) : null;
        return new ApiParameters(request.Query, form);
    }

    /// <summary>The first value, or the empty string.</summary>
    public string Get(string name)
    {
        var values = All(name);
        return values.Count > 0 ? values[0] ?? "" : "";
    }

    public StringValues All(string name)
    {
        return StringValues.Concat(_form is null ? StringValues.Empty : _form[name], _query[name]);
    }

    /// <summary>A count that may be absent: 0 = no limit. Null with <paramref name="error"/> set when it is not one.</summary>
    public int? Count(string name, out ApiError? error)
    {
        error = null;
        var text = Get(name);
        if (text.Length == 0)
        {
            return 0;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count >= 0)
        {
            return count;
        }

        error = ApiError.BadData($"invalid parameter \"{name}\": {(int.TryParse(text, out _) ? $"{name} must be non-negative" : $"cannot parse \"{text}\" to a valid number")}");
        return null;
    }

    /// <summary>A time in milliseconds, or <paramref name="fallbackMs"/> when absent.</summary>
    public long? TimeMs(string name, long fallbackMs, out ApiError? error)
    {
        error = null;
        var text = Get(name);
        if (text.Length == 0)
        {
            return fallbackMs;
        }

        if (ApiTime.TryParse(text, out var timestampMs))
        {
            return timestampMs;
        }

        error = ApiError.BadData($"invalid parameter \"{name}\": cannot parse \"{text}\" to a valid timestamp");
        return null;
    }
}
