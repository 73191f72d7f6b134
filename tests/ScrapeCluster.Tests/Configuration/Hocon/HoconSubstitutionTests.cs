namespace ScrapeCluster.Tests.Configuration.Hocon;

/// <summary>"Substitutions", "Self-Referential Substitutions", "The += separator" of HOCON.md, its own examples among them.</summary>
public sealed class HoconSubstitutionTests
{
    [Theory]
    [InlineData("a = 1, b = ${a}", """{"a":1,"b":1}""")]
    [InlineData("b = ${a}, a = 1", """{"b":1,"a":1}""")]
    [InlineData("a = true, b = ${a}, c = ${a} x", """{"a":true,"b":true,"c":"true x"}""")]
    [InlineData("animal.favorite = cat, key : ${animal.favorite} is my favorite animal", """{"animal":{"favorite":"cat"},"key":"cat is my favorite animal"}""")]
    [InlineData("a = x, key : ${a}\" y\"", """{"a":"x","key":"x y"}""")]
    [InlineData("a = \"${b}\", b = 1", """{"a":"${b}","b":1}""")]
    [InlineData("a = {x=1}, b = ${a} {y=2}", """{"a":{"x":1},"b":{"x":1,"y":2}}""")]
    [InlineData("data-center-generic = { cluster-size = 6 }, data-center-east = ${data-center-generic} { name = \"east\" }",
        """{"data-center-generic":{"cluster-size":6},"data-center-east":{"cluster-size":6,"name":"east"}}""")]
    [InlineData("a = [1], b = ${a} [2], c = ${a} ${b}", """{"a":[1],"b":[1,2],"c":[1,1,2]}""")]
    [InlineData("a = x, b = y, c = ${a}  ${b}", """{"a":"x","b":"y","c":"x  y"}""")]
    [InlineData("a = 1, a = 2, b = ${a}, a = 3", """{"a":3,"b":3}""")]
    [InlineData("a = null, b = ${a}", """{"a":null,"b":null}""")]
    [InlineData("a = [ ${?x}, 1, ${y} ], y = 2", """{"a":[1,2],"y":2}""")]
    [InlineData("a { b = ${\"c.d\"} }, \"c.d\" = 1", """{"a":{"b":1},"c.d":1}""")]
    [InlineData("a = ${ b.c }, b.c = 1", """{"a":1,"b":{"c":1}}""")]
    // An object may refer into itself.
    [InlineData("bar : { foo : 42, baz : ${bar.foo} }", """{"bar":{"foo":42,"baz":42}}""")]
    [InlineData("bar : { foo : 42, baz : ${bar.foo} }, bar : { foo : 43 }", """{"bar":{"foo":43,"baz":43}}""")]
    // Hidden by a later value: never evaluated.
    [InlineData("foo : ${does-not-exist}, foo : 42", """{"foo":42}""")]
    public void Substitution_Means_Json(string hocon, string json) => HoconAssert.Means(hocon, json);

    [Theory]
    [InlineData("a = ${?x}", "{}")]
    [InlineData("a = 1, a = ${?x}", """{"a":1}""")]
    [InlineData("a = ${?x}${?y}", "{}")]
    [InlineData("a = ${?x} foo", """{"a":" foo"}""")]
    [InlineData("a = ${?x}\"\"", """{"a":""}""")]
    [InlineData("a = ${?x} [1]", """{"a":[1]}""")]
    [InlineData("a = ${?x} {b=1}", """{"a":{"b":1}}""")]
    [InlineData("a {x=1}, a = ${?y}, a {z=2}", """{"a":{"x":1,"z":2}}""")]
    [InlineData("basedir = /root, a = ${basedir}/x, a = ${?A}", """{"basedir":"/root","a":"/root/x"}""")]
    public void OptionalSubstitution_Means_Json(string hocon, string json) => HoconAssert.Means(hocon, json);

    [Theory]
    [InlineData("path = \"a:b:c\", path = ${path}\":d\"", """{"path":"a:b:c:d"}""")]
    [InlineData("path = [ /etc, /home ], path = ${path} [ /usr/bin ]", """{"path":["/etc","/home","/usr/bin"]}""")]
    [InlineData("a : ${?a}foo", """{"a":"foo"}""")]
    [InlineData("a = ${?a}", "{}")]
    [InlineData("a = 1, a = ${a}2, a = ${a}3, c = ${a}", """{"a":"123","c":"123"}""")]
    [InlineData("a { b = 1 }, a = ${a} { c = 2 }", """{"a":{"b":1,"c":2}}""")]
    [InlineData("a.b = 1, a.b = ${a.b}2", """{"a":{"b":"12"}}""")]
    [InlineData("foo : { a : { c : 1 } }, foo : ${foo.a}, foo : { a : 2 }", """{"foo":{"a":2,"c":1}}""")]
    [InlineData("bar : { a : ${foo.d}, b : 1 }, bar.b = 3, foo : { c : ${bar.b}, d : 2 }, foo.d = 4",
        """{"bar":{"a":4,"b":3},"foo":{"c":3,"d":4}}""")]
    [InlineData("a : { c : { d : 1 } }, a.c : ${a.c} { e = 2 }", """{"a":{"c":{"d":1,"e":2}}}""")]
    [InlineData("a : { b = 1 }, a : ${a} { b = ${a.b}2 }", """{"a":{"b":"12"}}""")]
    public void SelfReference_LooksBack(string hocon, string json) => HoconAssert.Means(hocon, json);

    [Theory]
    [InlineData("a += 1", """{"a":[1]}""")]
    [InlineData("a = [1], a += 2, a += [3]", """{"a":[1,2,[3]]}""")]
    [InlineData("a.b = [1], a.b += x y", """{"a":{"b":[1,"x y"]}}""")]
    [InlineData("a = [ { b = [1], b += 2 } ]", """{"a":[{"b":[1,2]}]}""")]
    [InlineData("a = [1], b = ${a}, b += 2", """{"a":[1],"b":[1,2]}""")]
    [InlineData("a { l = [1] }, b = ${a} { l += 2 }", """{"a":{"l":[1]},"b":{"l":[1,2]}}""")]
    [InlineData("a += ${x}, x = 1", """{"a":[1],"x":1}""")]
    [InlineData("a { 1 = x, 0 = y }, a += z", """{"a":["y","x","z"]}""")]
    public void Append_AddsOneItem(string hocon, string json) => HoconAssert.Means(hocon, json);

    [Theory]
    [InlineData("a = ${b}", "${b} has no value")]
    [InlineData("a = ${a}", "cycle: ${a}")]
    [InlineData("a = ${b}, b = ${a}", "cycle: ${b} (text:1) -> ${a} (text:1)")]
    [InlineData("a = ${b}x, b = ${c}y, c = ${a}z", "cycle: ")]
    [InlineData("a : { b : ${a} }", "contains itself")]
    [InlineData("a : [ ${a} ]", "contains itself")]
    [InlineData("a { b = ${c} }, c { d = ${a} }", "contains itself")]
    [InlineData("a = 1, a += 2", "+= adds to an array")]
    [InlineData("a = [1], b = ${a} x", "put together")]
    [InlineData("a = {}, b = ${a} x", "put together")]
    public void BrokenSubstitution_Fails(string hocon, string gist) =>
        Assert.Contains(gist, HoconAssert.Fails(hocon), StringComparison.Ordinal);

    [Fact]
    public void Environment_AnswersWhatNoKeyAnswers()
    {
        HoconAssert.Means(
            "a = ${HOME}, b = ${?PORT}, c = ${?NONE}, d = x ${HOME}, EMPTY_IS_ABSENT = ${?EMPTY}",
            """{"a":"/h","b":"80","d":"x /h"}""",
            ("HOME", "/h"),
            ("PORT", "80"),
            ("EMPTY", ""));
    }

    [Fact]
    public void Environment_OverridesByOptionalSubstitution() =>
        HoconAssert.Means("port = 1, port = ${?PORT}", """{"port":"80"}""", ("PORT", "80"));

    [Fact]
    public void Environment_IsNotAskedForAKeyThatIsSet()
    {
        HoconAssert.Means("HOME = x, a = ${HOME}", """{"HOME":"x","a":"x"}""", ("HOME", "/h"));
        HoconAssert.Means("HOME = null, a = ${HOME}", """{"HOME":null,"a":null}""", ("HOME", "/h"));
    }

    [Fact]
    public void Environment_Lists()
    {
        HoconAssert.Means("a = ${L[]}, b = ${?M[]}, c = [x] ${?L[]}", """{"a":["p","q"],"c":["x","p","q"]}""", ("L_0", "p"), ("L_1", "q"), ("L_3", "r"));
    }
}
