using Lambda.Store.Postgres;
using Lambda.Store.Postgres.Columns;
using Xunit;

namespace Lambda.Tests.Store.Postgres;

public sealed class PostgresStoreOptionsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Host=db")]
    [InlineData("Database=views")]
    [InlineData("Host=db;Database=views;Nonsense=1")]
    public void A_connection_string_that_does_not_say_where_is_refused(string connectionString) =>
        Assert.ThrowsAny<ArgumentException>(() => new PostgresStoreOptions { ConnectionString = connectionString });

    [Theory]
    [InlineData("")]
    [InlineData("Lambda")]
    [InlineData("pg_views")]
    [InlineData("a;b")]
    [InlineData("1a")]
    [InlineData("a_name_that_is_longer_than_forty_letters_")]
    public void A_schema_whose_name_would_have_to_be_quoted_is_refused(string schema) =>
        Assert.Throws<ArgumentException>(() => new PostgresStoreOptions { ConnectionString = "Host=db;Database=views", Schema = schema });

    [Fact]
    public void Options_do_not_show_the_password()
    {
        string shown = new PostgresStoreOptions { ConnectionString = "Host=db;Database=views;Username=u;Password=hunter2" }.ToString();

        Assert.DoesNotContain("hunter2", shown, StringComparison.Ordinal);
        Assert.Contains("Host = db", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("\0")]
    [InlineData("a\0b\u0010c")]
    [InlineData("\u00100")]
    [InlineData("\u0010\0\u0010\u0010")]
    [InlineData("🚀")]
    public void Texts_that_PostgreSQL_refuses_come_back_as_they_were(string text)
    {
        Assert.DoesNotContain('\0', StoredText.Write(text));
        Assert.Equal(text, StoredText.Read(StoredText.Write(text)));
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_replacement_as_in_UTF_8() => Assert.Equal("a\uFFFDb", StoredText.Write("a\uD800b"));
}
