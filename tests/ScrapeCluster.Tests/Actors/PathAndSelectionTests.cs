using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

public sealed class PathAndSelectionTests : TestKit
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("job-1_x.y*$+:@&=,!~';()", true)]
    [InlineData("%2F", true)]
    [InlineData("", false)]
    [InlineData("$a", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("%2", false)]
    [InlineData("é", false)]
    public void Name_IsValid(string name, bool valid)
    {
        Assert.Equal(valid, ActorName.IsValid(name));
        if (!valid)
        {
            Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Props.Create(() => new Node()), name));
        }
    }

    [Fact]
    public void Escape_OfAnyText_IsValidDistinctAndReversible()
    {
        var random = new Random(1);
        var seen = new Dictionary<string, string>();
        string[] pieces = ["", "a", "$", "%", "%00", "\0", "/", "*", "é", "job name", "\ud83d\ude00", "Z"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => pieces[random.Next(pieces.Length)]));
            var name = ActorName.Escape(text);
            Assert.True(ActorName.IsValid(name), name);
            Assert.Equal(text, ActorName.Unescape(name));
            Assert.True(!seen.TryGetValue(name, out var other) || other == text, name);
            seen[name] = text;
        }
    }

    [Fact]
    public void Path_HasItsParts()
    {
        var path = Sys.ActorOf(Props.Create(() => new Node()), "a").Path;
        Assert.Equal("akka://test/user/a", path.ToString());
        Assert.Equal("a", path.Name);
        Assert.Equal("akka://test/user", path.Parent.ToString());
        Assert.Equal(["user", "a"], path.Elements);
        Assert.Equal("akka://test/", path.Root.ToString());
        Assert.Equal(path, path.Root / "user" / "a");
    }

    [Theory]
    [InlineData("/user/a", "a")]
    [InlineData("akka://test/user/a", "a")]
    [InlineData("/user/a/*", "b1 b2 c")]
    [InlineData("/user/a/b?", "b1 b2")]
    [InlineData("/user/*/c", "c")]
    [InlineData("/user/a/b1/../c", "c")]
    public void Selection_FromTheSystem_ReachesWhatItNames(string path, string names)
    {
        MakeTree();
        Sys.ActorSelection(path).Tell("name", TestActor);
        var expected = names.Split(' ');
        Assert.Equal(expected, expected.Select(_ => ExpectMsg<string>()).Order());
        ExpectNoMsgAfter();
    }

    [Theory]
    [InlineData("b1", "b1")]
    [InlineData("../a/c", "c")]
    [InlineData("*", "b1 b2 c")]
    public void Selection_FromAContext_IsRelative(string path, string names)
    {
        var a = MakeTree();
        a.Tell(new Node.TellSelection(path), TestActor);
        var expected = names.Split(' ');
        Assert.Equal(expected, expected.Select(_ => ExpectMsg<string>()).Order());
    }

    [Fact]
    public void Selection_OfNobody_IsADeadLetter()
    {
        Sys.EventStream.Subscribe<DeadLetter>(TestActor);
        Sys.ActorSelection("/user/nobody").Tell("text", ActorRefs.NoSender);
        Assert.Equal("text", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public async Task ResolveOne_FindsOrFails()
    {
        var a = MakeTree();
        Assert.Equal(a, await Sys.ActorSelection("/user/a").ResolveOne(TimeSpan.FromSeconds(1)));
        await Assert.ThrowsAsync<ActorNotFoundException>(() => Sys.ActorSelection("/user/x").ResolveOne(TimeSpan.FromSeconds(1)));
    }

    private IActorRef MakeTree()
    {
        var a = Sys.ActorOf(Props.Create(() => new Node()), "a");
        foreach (var name in (string[])["b1", "b2", "c"])
        {
            a.Tell(new Node.Make(name));
        }

        Barrier(a);
        return a;
    }

    private sealed class Node : ReceiveActor
    {
        public Node()
        {
            Receive<Make>(m => Context.ActorOf(Props.Create(() => new Node()), m.Name));
            Receive<TellSelection>(m => Context.ActorSelection(m.Path).Tell("name", Sender));
            Receive<string>(_ => Sender.Tell(Self.Path.Name));
        }

        public sealed record Make(string Name);

        public sealed record TellSelection(string Path);
    }
}
